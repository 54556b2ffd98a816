// 3D convolution as its definition says: every tap of every output position, one after the other. The truth that every
// other conv3d of the house is compared with. Threads share out the channels of the result (blocks.hpp).
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
#include <span>
#include <vector>

#include "tensor/conv3d_geometry.hpp"
#include "tensor/reference/index.hpp"
#include "tensor/reference/products.hpp"

namespace tensor::reference {

/// The position in x that tap `tap` of output position `out` reads, along one axis; outside [0, extent) is padding.
inline std::int64_t tap_position(const Conv3dGeometry& geometry, int axis, std::int64_t out, std::int64_t tap) {
    return out * geometry.stride[axis] + tap * geometry.dilation[axis] - geometry.padding[axis];
}

/// Calls visit(x_row, w_row, y_row) for every valid tap of every output position: the offsets of x[n, t, p, m, 0], w[r,
/// s, u, 0, 0] and y[n, t', p', m', 0].
template <typename Visit>
void for_each_tap(const Conv3dGeometry& geometry, std::int64_t phrases, Visit visit) {
    const Extents &x = geometry.input, &kernel = geometry.kernel, &y = geometry.output;
    const std::int64_t in_channels = geometry.in_channels, out_channels = geometry.out_channels;
    const auto is_inside = [](std::int64_t position, std::int64_t extent) {
        return position >= 0 && position < extent;
    };
    std::int64_t y_row = 0;
    for (std::int64_t n = 0; n < phrases; ++n)
        for (std::int64_t out_t = 0; out_t < y.time; ++out_t)
            for (std::int64_t out_p = 0; out_p < y.pitch; ++out_p)
                for (std::int64_t out_m = 0; out_m < y.track; ++out_m, y_row += out_channels) {
                    std::int64_t w_row = 0;
                    for (std::int64_t r = 0; r < kernel.time; ++r)
                        for (std::int64_t s = 0; s < kernel.pitch; ++s)
                            for (std::int64_t u = 0; u < kernel.track; ++u, w_row += in_channels * out_channels) {
                                const std::int64_t t = tap_position(geometry, 0, out_t, r);
                                const std::int64_t p = tap_position(geometry, 1, out_p, s);
                                const std::int64_t m = tap_position(geometry, 2, out_m, u);
                                if (is_inside(t, x.time) && is_inside(p, x.pitch) && is_inside(m, x.track))
                                    visit((((n * x.time + t) * x.pitch + p) * x.track + m) * in_channels, w_row, y_row);
                            }
                }
}

/// F: x [N, T, P, M, C], w [R, S, U, C, K] -> y [N, T', P', M', K].
template <typename T>
std::vector<T> conv3d(std::span<const T> x, std::span<const T> w, const Conv3dGeometry& geometry,
                      std::int64_t phrases) {
    require_elements("reference conv3d", x, geometry.input_shape(phrases));
    require_elements("reference conv3d", w, geometry.weight_shape());
    std::vector<T> y(static_cast<std::size_t>(geometry.output_shape(phrases).elements()));
    for_each_block(geometry.out_channels, channel_block, [&](std::int64_t begin, std::int64_t end) {
        for_each_tap(geometry, phrases, [&](std::int64_t x_row, std::int64_t w_row, std::int64_t y_row) {
            for (std::int64_t c = 0; c < geometry.in_channels; ++c)
                add_multiple(x[static_cast<std::size_t>(x_row + c)],
                             w.data() + w_row + c * geometry.out_channels + begin, end - begin,
                             y.data() + y_row + begin);
        });
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
    const std::vector<T> turned = transposed(w, geometry.in_channels, geometry.out_channels);  // [R, S, U, K, C]
    for_each_block(geometry.in_channels, channel_block, [&](std::int64_t begin, std::int64_t end) {
        for_each_tap(geometry, phrases, [&](std::int64_t x_row, std::int64_t w_row, std::int64_t y_row) {
            for (std::int64_t k = 0; k < geometry.out_channels; ++k)
                add_multiple(g[static_cast<std::size_t>(y_row + k)],
                             turned.data() + w_row + k * geometry.in_channels + begin, end - begin,
                             x.data() + x_row + begin);
        });
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
    for_each_block(geometry.in_channels, channel_block, [&](std::int64_t begin, std::int64_t end) {
        for_each_tap(geometry, phrases, [&](std::int64_t x_row, std::int64_t w_row, std::int64_t y_row) {
            for (std::int64_t c = begin; c < end; ++c)
                add_multiple(x[static_cast<std::size_t>(x_row + c)], g.data() + y_row, geometry.out_channels,
                             w.data() + w_row + c * geometry.out_channels);
        });
    });
    return w;
}

}  // namespace tensor::reference
