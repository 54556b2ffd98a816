// The one geometry value that the three convolution operators share.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "tensor/shape.hpp"

namespace tensor {

/// A number for each spatial axis: time, pitch, track.
struct Extents {
    std::int64_t time = 1, pitch = 1, track = 1;

    std::int64_t operator[](int axis) const { return axis == 0 ? time : axis == 1 ? pitch : track; }
    std::int64_t product() const { return time * pitch * track; }
    auto operator<=>(const Extents&) const = default;
};

/// Everything that F, A and B have in common. Letters: N phrases; T P M extents of x in time, pitch and track; T' P' M'
/// of y; R S U of the kernel; C input and K output channels.
///
// clang-format off
///     x [N, T, P, M, C]     w [R, S, U, C, K]     y [N, T', P', M', K]
///     y[n, t', p', m', k] = sum_{r s u c} x[n, t' s_t + r d_t - q_t, ..., c] w[r, s, u, c, k]
// clang-format on
///
/// with stride s, dilation d and zero padding q on each axis. The extents of x, w and y are all stored, so that the
/// input gradient of a strided convolution has no ambiguous size.
struct Conv3dGeometry {
    Extents input, kernel, output;
    std::int64_t in_channels = 1, out_channels = 1;
    Extents stride, dilation, padding{0, 0, 0};

    Shape input_shape(std::int64_t phrases) const {
        return {phrases, input.time, input.pitch, input.track, in_channels};
    }
    Shape weight_shape() const { return {kernel.time, kernel.pitch, kernel.track, in_channels, out_channels}; }
    Shape output_shape(std::int64_t phrases) const {
        return {phrases, output.time, output.pitch, output.track, out_channels};
    }
    /// Multiplications and additions of F on `phrases` phrases, padding counted as work.
    double flops(std::int64_t phrases) const {
        return 2.0 * static_cast<double>(phrases * output.product() * out_channels) *
               static_cast<double>(kernel.product() * in_channels);
    }
    auto operator<=>(const Conv3dGeometry&) const = default;
    std::string to_string() const;
};

/// What a caller states of a convolution; stride, dilation and padding may be left out.
struct Conv3dSpec {
    Extents kernel;
    std::int64_t in_channels = 1, out_channels = 1;
    Extents stride{}, dilation{}, padding{0, 0, 0};
};

/// Output extent of one axis: floor((input + 2 padding - dilation (kernel - 1) - 1) / stride) + 1; may be < 1.
std::int64_t conv_output_extent(std::int64_t input, std::int64_t kernel, std::int64_t stride, std::int64_t dilation,
                                std::int64_t padding);

/// Geometry of a convolution on volumes of extents `input`. Throws Error for extents below 1, negative padding, or a
/// kernel that does not fit.
Conv3dGeometry conv3d_geometry(const Extents& input, const Conv3dSpec& spec);

/// Geometry whose input gradient is the transposed convolution from volumes `small` with spec.out_channels channels to
/// volumes with spec.in_channels: input extent (small - 1) stride + dilation (kernel - 1) + 1 - 2 padding.
Conv3dGeometry transposed_conv3d_geometry(const Extents& small, const Conv3dSpec& spec);

}  // namespace tensor
