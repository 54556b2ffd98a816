// The scalar formulas of functors.hpp applied to every element, with broadcasting; the epilogue that a fused product or
// convolution must equal; and where numbers are positive.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "tensor/functors.hpp"
#include "tensor/reference/blocks.hpp"
#include "tensor/reference/index.hpp"

namespace tensor::reference {

/// y[i] = value(i) for i < count.
template <typename T, typename Value>
std::vector<T> each(std::size_t count, const Value& value) {
    std::vector<T> y(count);
    for_each_block(static_cast<std::int64_t>(count), element_block, [&](std::int64_t begin, std::int64_t end) {
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) y[i] = value(i);
    });
    return y;
}

/// y[i] = functor(x[i]).
template <typename T, typename Functor>
std::vector<T> unary(const Functor& functor, std::span<const T> x) {
    return each<T>(x.size(), [&](std::size_t i) { return functor(x[i]); });
}

/// y[i] = functor(a[i], b[i]) with a and b broadcast to the shape of y.
template <typename T, typename Functor>
std::vector<T> binary(const Functor& functor, std::span<const T> a, const Shape& a_shape, std::span<const T> b,
                      const Shape& b_shape) {
    const Shape y_shape = broadcast_shape(a_shape, b_shape, "reference binary");
    const Strides a_strides = strides_along(y_shape, a_shape), b_strides = strides_along(y_shape, b_shape);
    std::vector<T> y(static_cast<std::size_t>(y_shape.elements()));
    for_each_block(y_shape.elements(), element_block, [&](std::int64_t begin, std::int64_t end) {
        Walk in_a(y_shape, a_strides, begin), in_b(y_shape, b_strides, begin);
        for (std::int64_t i = begin; i < end; ++i, in_a.next(), in_b.next())
            y[static_cast<std::size_t>(i)] =
                functor(a[static_cast<std::size_t>(in_a.offset())], b[static_cast<std::size_t>(in_b.offset())]);
    });
    return y;
}

/// y[n, ...] = a[n, ...] + factor[n] (b[n, ...] - a[n, ...]).
template <typename T>
std::vector<T> interpolate(std::span<const T> a, std::span<const T> b, std::span<const T> factor) {
    return each<T>(a.size(),
                   [&](std::size_t i) { return Interpolate{}(a[i], b[i], factor[i * factor.size() / a.size()]); });
}

/// leaky_relu(y + bias), bias over the last axis.
template <typename T>
std::vector<T> epilogue(std::span<const T> y, std::span<const T> bias, double slope) {
    return each<T>(y.size(), [&](std::size_t i) { return LeakyRelu{slope}(y[i] + bias[i % bias.size()]); });
}

/// g where bit i is 1, slope g elsewhere: leaky_relu_mask of what has these positive_bits.
template <typename T>
std::vector<T> bit_mask(std::span<const std::uint8_t> bits, double slope, std::span<const T> g) {
    return each<T>(g.size(), [&](std::size_t i) { return LeakyReluMask{slope}(T(bits[i / 8] >> (i % 8) & 1), g[i]); });
}

/// Bit i is 1 where x[i] is positive; zeros up to `bytes`.
template <typename T>
std::vector<std::uint8_t> positive_bits(std::span<const T> x, std::size_t bytes) {
    return each<std::uint8_t>(bytes, [&](std::size_t b) {
        unsigned byte = 0;
        for (std::size_t i = 8 * b; i < std::min(x.size(), 8 * b + 8); ++i)
            byte |= static_cast<unsigned>(is_positive(x[i])) << (i % 8);
        return static_cast<std::uint8_t>(byte);
    });
}

}  // namespace tensor::reference
