// The scalar formulas of functors.hpp applied to every element, with broadcasting; and the epilogue that a fused
// product or convolution must equal.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/functors.hpp"
#include "tensor/reference/index.hpp"

namespace tensor::reference {

/// y[i] = functor(x[i]).
template <typename T, typename Functor>
std::vector<T> unary(const Functor& functor, std::span<const T> x) {
    std::vector<T> y;
    for (const T& value : x) y.push_back(functor(value));
    return y;
}

/// y[i] = functor(a[i], b[i]) with a and b broadcast to the shape of y.
template <typename T, typename Functor>
std::vector<T> binary(const Functor& functor, std::span<const T> a, const Shape& a_shape, std::span<const T> b,
                      const Shape& b_shape) {
    const Shape y_shape = broadcast_shape(a_shape, b_shape, "reference binary");
    std::vector<T> y;
    for (std::int64_t i = 0; i < y_shape.elements(); ++i) {
        const Index index = unravel(i, y_shape);
        y.push_back(functor(a[static_cast<std::size_t>(ravel(index, a_shape))],
                            b[static_cast<std::size_t>(ravel(index, b_shape))]));
    }
    return y;
}

/// y[n, ...] = a[n, ...] + factor[n] (b[n, ...] - a[n, ...]).
template <typename T>
std::vector<T> interpolate(std::span<const T> a, std::span<const T> b, std::span<const T> factor) {
    std::vector<T> y;
    for (std::size_t i = 0; i < a.size(); ++i)
        y.push_back(Interpolate{}(a[i], b[i], factor[i * factor.size() / a.size()]));
    return y;
}

/// leaky_relu(y + bias), bias over the last axis.
template <typename T>
std::vector<T> epilogue(std::span<const T> y, std::span<const T> bias, double slope) {
    std::vector<T> result;
    for (std::size_t i = 0; i < y.size(); ++i) result.push_back(LeakyRelu{slope}(y[i] + bias[i % bias.size()]));
    return result;
}

}  // namespace tensor::reference
