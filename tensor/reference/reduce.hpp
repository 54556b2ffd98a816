// Sum and broadcast: <sum_to(x), y> = <x, broadcast_to(y)>, each the other's transpose.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/reference/index.hpp"

namespace tensor::reference {

/// Every element of x is added to the element of y that broadcasts onto it.
template <typename T>
std::vector<T> sum_to(std::span<const T> x, const Shape& x_shape, const Shape& y_shape) {
    std::vector<T> y(static_cast<std::size_t>(y_shape.elements()));
    for (std::int64_t i = 0; i < x_shape.elements(); ++i)
        y[static_cast<std::size_t>(ravel(unravel(i, x_shape), y_shape))] += x[static_cast<std::size_t>(i)];
    return y;
}

/// Every element of y is a copy of the element of x that broadcasts onto it.
template <typename T>
std::vector<T> broadcast_to(std::span<const T> x, const Shape& x_shape, const Shape& y_shape) {
    std::vector<T> y;
    for (std::int64_t i = 0; i < y_shape.elements(); ++i)
        y.push_back(x[static_cast<std::size_t>(ravel(unravel(i, y_shape), x_shape))]);
    return y;
}

}  // namespace tensor::reference
