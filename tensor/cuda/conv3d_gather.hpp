// F and A are one computation: a gather. Plain data and index arithmetic, for host and device.
//
// clang-format off
//     F:  y[t', k] = sum over taps r and channels c of x[t' s - q + r d, c] w[r, c, k]        (one axis shown)
//     A:  x[t, c]  = sum over taps r and channels k of g[(t + q - r d) / s, k] w[r, c, k], where s divides t + q - r d
// clang-format on
//
// In A the taps that reach position t depend on t mod s alone. Let t = rho + s tau. The taps with s | rho + q - r d are
// r = first + j period, period = s / gcd(s, d), and tap j reads g at (rho + q - first d) / s + tau - j (period d / s).
// So A restricted to one residue rho is a gather like F: coordinate = position scale + shift + tap step, with scale 1
// and a step of -period d / s. A kernel that can do F does A, residue by residue, and spends nothing on taps that reach
// no position (eleven of twelve where kernel = stride = 12).
//
// Letters: N phrases; T P M extents of x, T' P' M' of y, R S U of the kernel (conv3d_geometry.hpp).
#pragma once

#include <cstdint>

#include "tensor/functors.hpp"

namespace tensor::cuda {

/// One axis of the geometry, as in Conv3dGeometry.
struct ConvolutionAxis {
    std::int32_t input = 1, kernel = 1, output = 1, stride = 1, dilation = 1, padding = 0;

    /// Residues of input positions modulo the stride.
    TENSOR_HOST_DEVICE std::int32_t residues() const { return stride < input ? stride : input; }
};

/// One axis of a gather: source coordinate = position scale + shift + tap step; outside [0, source) it reads zero. Its
/// result goes to target coordinate begin + position spread, and tap j is the kernel's tap first_tap + j tap_period.
struct GatherAxis {
    std::int32_t positions = 0, scale = 1, shift = 0, step = 1;
    std::int32_t taps = 0, first_tap = 0, tap_period = 1;
    std::int32_t source = 1, target = 1, begin = 0, spread = 1;
};

TENSOR_HOST_DEVICE inline GatherAxis forward_axis(const ConvolutionAxis& a) {
    return {.positions = a.output,
            .scale = a.stride,
            .shift = -a.padding,
            .step = a.dilation,
            .taps = a.kernel,
            .source = a.input,
            .target = a.output};
}

/// A's axis for positions t = residue (mod stride), 0 <= residue < residues(). No taps: those positions are zero. A
/// period that reaches the kernel's extent leaves one tap, whose step is then not used.
TENSOR_HOST_DEVICE inline GatherAxis transposed_axis(const ConvolutionAxis& a, std::int32_t residue) {
    std::int32_t period = 1;
    while (period < a.kernel && period * a.dilation % a.stride != 0) ++period;
    GatherAxis axis{.positions = (a.input - residue - 1) / a.stride + 1,
                    .step = -(period * a.dilation / a.stride),
                    .tap_period = period,
                    .source = a.output,
                    .target = a.input,
                    .begin = residue,
                    .spread = a.stride};
    for (std::int32_t tap = 0; tap < period; ++tap) {
        const std::int32_t reached = residue + a.padding - tap * a.dilation;
        if (reached % a.stride != 0) continue;
        axis.first_tap = tap;
        axis.taps = (a.kernel - tap + period - 1) / period;
        axis.shift = reached / a.stride;
        break;
    }
    return axis;
}

/// The geometry of F, A and B as kernels take it.
struct ConvolutionShape {
    ConvolutionAxis time, pitch, track;
    std::int32_t phrases = 0, in_channels = 1, out_channels = 1;

    /// Residue classes of A: positions of x modulo the strides.
    TENSOR_HOST_DEVICE std::int32_t residues() const { return time.residues() * pitch.residues() * track.residues(); }
    TENSOR_HOST_DEVICE std::int32_t taps() const { return time.kernel * pitch.kernel * track.kernel; }
};

inline std::int64_t elements_of_x(const ConvolutionShape& s) {
    return static_cast<std::int64_t>(s.phrases) * s.time.input * s.pitch.input * s.track.input * s.in_channels;
}

/// A gather over three axes: all of F, or one residue class of A.
struct Gather {
    GatherAxis time, pitch, track;

    TENSOR_HOST_DEVICE std::int64_t rows(std::int32_t phrases) const {
        return static_cast<std::int64_t>(phrases) * time.positions * pitch.positions * track.positions;
    }
    TENSOR_HOST_DEVICE std::int32_t taps() const { return time.taps * pitch.taps * track.taps; }
};

TENSOR_HOST_DEVICE inline Gather forward_gather(const ConvolutionShape& s) {
    return {forward_axis(s.time), forward_axis(s.pitch), forward_axis(s.track)};
}
TENSOR_HOST_DEVICE inline Gather transposed_gather(const ConvolutionShape& s, std::int32_t residue) {
    const std::int32_t tracks = s.track.residues(), pitches = s.pitch.residues();
    return {transposed_axis(s.time, residue / tracks / pitches), transposed_axis(s.pitch, residue / tracks % pitches),
            transposed_axis(s.track, residue % tracks)};
}

/// A row of a gather: a phrase and a position on each axis. There are fewer than 2^30 rows (convolution_shape), and
/// divisions of 32 bits cost a GPU a fraction of those of 64.
struct GatherRow {
    std::int32_t phrase, time, pitch, track;
};
TENSOR_HOST_DEVICE inline GatherRow gather_row(const Gather& gather, std::int64_t row) {
    const auto tracks = static_cast<std::uint32_t>(gather.track.positions);
    const auto pitches = static_cast<std::uint32_t>(gather.pitch.positions);
    const auto times = static_cast<std::uint32_t>(gather.time.positions);
    const auto index = static_cast<std::uint32_t>(row);
    const std::uint32_t by_pitch = index / tracks, by_time = by_pitch / pitches, by_phrase = by_time / times;
    return {static_cast<std::int32_t>(by_phrase), static_cast<std::int32_t>(by_time - by_phrase * times),
            static_cast<std::int32_t>(by_pitch - by_time * pitches),
            static_cast<std::int32_t>(index - by_pitch * tracks)};
}

/// The position (without channels) in the target tensor that a row writes.
TENSOR_HOST_DEVICE inline std::int64_t target_position(const Gather& g, const GatherRow& row) {
    const std::int64_t time = g.time.begin + row.time * g.time.spread;
    const std::int64_t pitch = g.pitch.begin + row.pitch * g.pitch.spread;
    return ((row.phrase * static_cast<std::int64_t>(g.time.target) + time) * g.pitch.target + pitch) * g.track.target +
           g.track.begin + row.track * g.track.spread;
}

/// The position (without channels) in the source tensor that tap (r, s, u) of a row reads, or -1 outside.
TENSOR_HOST_DEVICE inline std::int64_t source_position(const Gather& g, const GatherRow& row, std::int32_t r,
                                                       std::int32_t s, std::int32_t u) {
    const std::int32_t time = row.time * g.time.scale + g.time.shift + r * g.time.step;
    const std::int32_t pitch = row.pitch * g.pitch.scale + g.pitch.shift + s * g.pitch.step;
    const std::int32_t track = row.track * g.track.scale + g.track.shift + u * g.track.step;
    const bool inside = time >= 0 && time < g.time.source && pitch >= 0 && pitch < g.pitch.source && track >= 0 &&
                        track < g.track.source;
    if (!inside) return -1;
    return ((row.phrase * static_cast<std::int64_t>(g.time.source) + time) * g.pitch.source + pitch) * g.track.source +
           track;
}

/// Keeps only those taps along time that reach inside the source from some row of [first, last]. The rows of a tile are
/// neighbours, and most taps of a kernel that spans whole bars reach outside.
TENSOR_HOST_DEVICE inline void keep_reaching_taps(GatherAxis& time, const GatherRow& first, const GatherRow& last) {
    if (first.phrase != last.phrase) return;
    const std::int32_t low = first.time * time.scale + time.shift, high = last.time * time.scale + time.shift;
    std::int32_t begin = time.taps, end = 0;
    for (std::int32_t tap = 0; tap < time.taps; ++tap) {
        if (low + tap * time.step >= time.source || high + tap * time.step < 0) continue;
        begin = begin < tap ? begin : tap;
        end = tap + 1;
    }
    time.taps = end > begin ? end - begin : 0;
    time.first_tap += begin * time.tap_period;
    time.shift += begin * time.step;
}

/// Index of a gather's tap (r, s, u) in the kernel [R, S, U].
TENSOR_HOST_DEVICE inline std::int32_t kernel_tap(const ConvolutionShape& shape, const Gather& g, std::int32_t r,
                                                  std::int32_t s, std::int32_t u) {
    return ((g.time.first_tap + r * g.time.tap_period) * shape.pitch.kernel + g.pitch.first_tap +
            s * g.pitch.tap_period) *
               shape.track.kernel +
           g.track.first_tap + u * g.track.tap_period;
}

}  // namespace tensor::cuda
