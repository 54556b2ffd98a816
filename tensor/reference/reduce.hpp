// Sum and broadcast: <sum_to(x), y> = <x, broadcast_to(y)>, each the other's transpose. And the norm.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "tensor/reference/index.hpp"

namespace tensor::reference {

/// Every element of x is added to the element of y that broadcasts onto it.
template <typename T>
std::vector<T> sum_to(std::span<const T> x, const Shape& x_shape, const Shape& y_shape) {
    std::vector<T> y(static_cast<std::size_t>(y_shape.elements()));
    Walk in_y(x_shape, strides_along(x_shape, y_shape));
    for (const T& value : x) {
        y[static_cast<std::size_t>(in_y.offset())] += value;
        in_y.next();
    }
    return y;
}

/// Every element of y is a copy of the element of x that broadcasts onto it.
template <typename T>
std::vector<T> broadcast_to(std::span<const T> x, const Shape& x_shape, const Shape& y_shape) {
    std::vector<T> y(static_cast<std::size_t>(y_shape.elements()));
    Walk in_x(y_shape, strides_along(y_shape, x_shape));
    for (T& value : y) {
        value = x[static_cast<std::size_t>(in_x.offset())];
        in_x.next();
    }
    return y;
}

/// y[n] = sqrt(epsilon + sum of the squares of phrase n).
template <typename T>
std::vector<T> norm(std::span<const T> x, const Shape& x_shape, double epsilon) {
    using std::sqrt;
    std::vector<T> y;
    const std::int64_t phrase_elements = x_shape[0] ? x_shape.elements() / x_shape[0] : 0;
    for (std::int64_t n = 0; n < x_shape[0]; ++n) {
        T sum = T(epsilon);
        for (const T& value :
             x.subspan(static_cast<std::size_t>(n * phrase_elements), static_cast<std::size_t>(phrase_elements)))
            sum += value * value;
        y.push_back(sqrt(sum));
    }
    return y;
}

}  // namespace tensor::reference
