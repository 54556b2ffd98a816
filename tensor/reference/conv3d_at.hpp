// Single elements of the three convolutions, for volumes so large that all of them would take minutes. Written the
// other way round than conv3d.hpp (each gathers what belongs to one element), so that the two check each other. Letters
// and equation: conv3d.hpp.
#pragma once

#include <optional>

#include "tensor/reference/conv3d.hpp"

namespace tensor::reference {

/// The index in x of channel c that output y [n, t', p', m', ...] reads through tap [r, s, u, ...]; none in padding.
inline std::optional<Index> source_of(const Conv3dGeometry& geometry, const Index& y, const Index& tap,
                                      std::int64_t c) {
    Index x{y[0]};
    for (int axis = 0; axis < 3; ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        const std::int64_t position = tap_position(geometry, axis, y[a + 1], tap[a]);
        if (position < 0 || position >= geometry.input[axis]) return std::nullopt;
        x.push_back(position);
    }
    x.push_back(c);
    return x;
}

/// y[offset] of F(x, w).
template <typename T>
T conv3d_at(std::span<const T> x, std::span<const T> w, const Conv3dGeometry& geometry, std::int64_t phrases,
            std::int64_t offset) {
    const Shape x_shape = geometry.input_shape(phrases), w_shape = geometry.weight_shape();
    const Index y = unravel(offset, geometry.output_shape(phrases));
    T sum{};
    for (std::int64_t i = 0; i < w_shape.elements() / geometry.out_channels; ++i) {  // all r, s, u, c
        const Index tap = unravel(i * geometry.out_channels + y[4], w_shape);
        if (const auto source = source_of(geometry, y, tap, tap[3]))
            sum += x[static_cast<std::size_t>(ravel(*source, x_shape))] *
                   w[static_cast<std::size_t>(i * geometry.out_channels + y[4])];
    }
    return sum;
}

/// The output position whose tap `tap` reads position `in` along one axis, if there is one: t' stride = t + padding - r
/// dilation must have a whole solution inside y.
inline std::optional<std::int64_t> reader(const Conv3dGeometry& geometry, int axis, std::int64_t in, std::int64_t tap) {
    const std::int64_t distance = in + geometry.padding[axis] - tap * geometry.dilation[axis];
    if (distance < 0 || distance % geometry.stride[axis] != 0) return std::nullopt;
    const std::int64_t out = distance / geometry.stride[axis];
    return out < geometry.output[axis] ? std::optional(out) : std::nullopt;
}

/// x[offset] of A(g, w).
template <typename T>
T conv3d_input_gradient_at(std::span<const T> g, std::span<const T> w, const Conv3dGeometry& geometry,
                           std::int64_t phrases, std::int64_t offset) {
    const Shape y_shape = geometry.output_shape(phrases), w_shape = geometry.weight_shape();
    const Index x = unravel(offset, geometry.input_shape(phrases));
    T sum{};
    for (std::int64_t i = 0; i < geometry.kernel.product(); ++i) {
        const Index tap = unravel(i, Shape{geometry.kernel.time, geometry.kernel.pitch, geometry.kernel.track});
        const auto t = reader(geometry, 0, x[1], tap[0]);
        const auto p = reader(geometry, 1, x[2], tap[1]);
        const auto m = reader(geometry, 2, x[3], tap[2]);
        if (!t || !p || !m) continue;
        for (std::int64_t k = 0; k < geometry.out_channels; ++k)
            sum += g[static_cast<std::size_t>(ravel(Index{x[0], *t, *p, *m, k}, y_shape))] *
                   w[static_cast<std::size_t>(ravel(Index{tap[0], tap[1], tap[2], x[4], k}, w_shape))];
    }
    return sum;
}

/// w[offset] of B(x, g).
template <typename T>
T conv3d_weight_gradient_at(std::span<const T> x, std::span<const T> g, const Conv3dGeometry& geometry,
                            std::int64_t phrases, std::int64_t offset) {
    const Shape x_shape = geometry.input_shape(phrases), y_shape = geometry.output_shape(phrases);
    const Index w = unravel(offset, geometry.weight_shape());
    T sum{};
    for (std::int64_t i = w[4]; i < y_shape.elements(); i += geometry.out_channels) {  // all n, t', p', m'
        if (const auto source = source_of(geometry, unravel(i, y_shape), w, w[3]))
            sum += x[static_cast<std::size_t>(ravel(*source, x_shape))] * g[static_cast<std::size_t>(i)];
    }
    return sum;
}

}  // namespace tensor::reference
