// 3D convolution as its definition says: no blocking, no threads, no order but that of the sum. The truth that every
// other conv3d of the house is compared with.
//
// clang-format off
//     T(x, w, g) = sum over valid taps of  x[n, t, p, m, c]  w[r, s, u, c, k]  g[n, t', p', m', k]
//
//     t = t' stride + r dilation - padding  in time, and likewise p with s in pitch and m with u in track;
//     a tap is valid if t, p and m lie inside x: outside, x is zero.
//
//     letter  counts                    letter    counts                     letter  counts
//     N n     phrases                   R S U     kernel: time pitch track   C c     input channels
//     T t P p M m  extents of x         T' P' M'  extents of y and g         K k     output channels
//
//     F(x, w) = dT/dg = y    conv3d                  F reads x and w along a tap and adds into y
//     A(g, w) = dT/dx        conv3d_input_gradient   A reads g and w along the same tap and adds into x
//     B(x, g) = dT/dw        conv3d_weight_gradient  B reads x and g along the same tap and adds into w
// clang-format on
//
// T is linear in each argument, so each operator is bilinear and the derivatives stay inside the set:
//
// clang-format off
//     operator  cotangent       rule for the 1st argument   rule for the 2nd
//     F(x, w)   g (like y)      A(g, w)                     B(x, g)
//     A(g, w)   h (like x)      F(h, w)                     B(h, g)
//     B(x, g)   v (like w)      A(g, v)                     F(x, v)
// clang-format on
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tensor/conv3d_geometry.hpp"
#include "tensor/reference/index.hpp"

namespace tensor::reference {

/// The position in x that tap `tap` of output position `out` reads, along one axis; outside [0, extent) is padding.
inline std::int64_t tap_position(const Conv3dGeometry& geometry, int axis, std::int64_t out, std::int64_t tap) {
    return out * geometry.stride[axis] + tap * geometry.dilation[axis] - geometry.padding[axis];
}

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

/// Calls visit(x_row, w_row, y_row) for every valid tap of every output position: the offsets of x[n, t, p, m, 0], w[r,
/// s, u, 0, 0] and y[n, t', p', m', 0].
template <typename Visit>
void for_each_tap(const Conv3dGeometry& geometry, std::int64_t phrases, Visit visit) {
    const Shape x_shape = geometry.input_shape(phrases), w_shape = geometry.weight_shape();
    const Shape y_shape = geometry.output_shape(phrases);
    for (std::int64_t y_row = 0; y_row < y_shape.elements(); y_row += geometry.out_channels)
        for (std::int64_t w_row = 0; w_row < w_shape.elements(); w_row += geometry.in_channels * geometry.out_channels)
            if (const auto x = source_of(geometry, unravel(y_row, y_shape), unravel(w_row, w_shape), 0))
                visit(ravel(*x, x_shape), w_row, y_row);
}

/// F: x [N, T, P, M, C], w [R, S, U, C, K] -> y [N, T', P', M', K].
template <typename T>
std::vector<T> conv3d(std::span<const T> x, std::span<const T> w, const Conv3dGeometry& geometry,
                      std::int64_t phrases) {
    require_elements("reference conv3d", x, geometry.input_shape(phrases));
    require_elements("reference conv3d", w, geometry.weight_shape());
    std::vector<T> y(static_cast<std::size_t>(geometry.output_shape(phrases).elements()));
    for_each_tap(geometry, phrases, [&](std::int64_t x_row, std::int64_t w_row, std::int64_t y_row) {
        for (std::int64_t c = 0; c < geometry.in_channels; ++c)
            for (std::int64_t k = 0; k < geometry.out_channels; ++k)
                y[static_cast<std::size_t>(y_row + k)] +=
                    x[static_cast<std::size_t>(x_row + c)] *
                    w[static_cast<std::size_t>(w_row + c * geometry.out_channels + k)];
    });
    return y;
}

/// A: g like y, w -> like x.
template <typename T>
std::vector<T> conv3d_input_gradient(std::span<const T> g, std::span<const T> w, const Conv3dGeometry& geometry,
                                     std::int64_t phrases) {
    require_elements("reference conv3d_input_gradient", g, geometry.output_shape(phrases));
    require_elements("reference conv3d_input_gradient", w, geometry.weight_shape());
    std::vector<T> x(static_cast<std::size_t>(geometry.input_shape(phrases).elements()));
    for_each_tap(geometry, phrases, [&](std::int64_t x_row, std::int64_t w_row, std::int64_t y_row) {
        for (std::int64_t c = 0; c < geometry.in_channels; ++c)
            for (std::int64_t k = 0; k < geometry.out_channels; ++k)
                x[static_cast<std::size_t>(x_row + c)] +=
                    g[static_cast<std::size_t>(y_row + k)] *
                    w[static_cast<std::size_t>(w_row + c * geometry.out_channels + k)];
    });
    return x;
}

/// B: x, g like y -> like w.
template <typename T>
std::vector<T> conv3d_weight_gradient(std::span<const T> x, std::span<const T> g, const Conv3dGeometry& geometry,
                                      std::int64_t phrases) {
    require_elements("reference conv3d_weight_gradient", x, geometry.input_shape(phrases));
    require_elements("reference conv3d_weight_gradient", g, geometry.output_shape(phrases));
    std::vector<T> w(static_cast<std::size_t>(geometry.weight_shape().elements()));
    for_each_tap(geometry, phrases, [&](std::int64_t x_row, std::int64_t w_row, std::int64_t y_row) {
        for (std::int64_t c = 0; c < geometry.in_channels; ++c)
            for (std::int64_t k = 0; k < geometry.out_channels; ++k)
                w[static_cast<std::size_t>(w_row + c * geometry.out_channels + k)] +=
                    x[static_cast<std::size_t>(x_row + c)] * g[static_cast<std::size_t>(y_row + k)];
    });
    return w;
}

}  // namespace tensor::reference
