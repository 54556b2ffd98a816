// Inputs of gradient checks: f64, of order one, and away from the kinks of the operators that take them.
#pragma once

#include <vector>

#include "autograd/variable.hpp"
#include "tests/support/random_data.hpp"

namespace support {

/// The arguments of a function whose gradients are checked.
using Inputs = std::vector<autograd::Variable>;

/// In [-1, 1): for operators without kinks.
inline tensor::Tensor smooth(const tensor::Shape& shape, std::uint64_t seed) {
    return real_tensor<double>(shape, seed);
}

/// Of either sign, of size 0.5 to 1: for LeakyReLU and for divisors.
inline tensor::Tensor away_from_zero(const tensor::Shape& shape, std::uint64_t seed) {
    std::vector<double> values = real_numbers<double>(shape.elements(), seed);
    for (double& value : values) value = 0.5 * value + (value < 0 ? -0.5 : 0.5);
    return tensor::Tensor::from(values, shape);
}

/// In [0.5, 1.5): for square roots.
inline tensor::Tensor positive(const tensor::Shape& shape, std::uint64_t seed) {
    std::vector<double> values = real_numbers<double>(shape.elements(), seed);
    for (double& value : values) value = 0.5 * value + 1.0;
    return tensor::Tensor::from(values, shape);
}

/// A scalar of f64.
inline tensor::Tensor scalar(double value) { return tensor::Tensor::full({}, value, tensor::DType::f64); }

/// A variable that gradients can be asked of.
inline autograd::Variable leaf(const tensor::Tensor& value) { return autograd::Variable(value, true); }
/// A vector, [n], likewise.
inline autograd::Variable leaf(const std::vector<double>& values) {
    return leaf(tensor::Tensor::from(values, {static_cast<std::int64_t>(values.size())}));
}
inline Inputs leaves(const std::vector<tensor::Tensor>& values) {
    Inputs result;
    for (const tensor::Tensor& each : values) result.push_back(leaf(each));
    return result;
}

}  // namespace support
