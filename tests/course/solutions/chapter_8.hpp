// Chapter 8: biases, masks, and activations that bend.
#pragma once

#include <cmath>
#include <vector>

#include "autograd/elementwise.hpp"

namespace course {

using autograd::Variable;

/// 8.1. Nine nodes where leaky_relu leaves one, each of which keeps its inputs: the price of a critic that bends.
inline Variable gelu(const Variable& x) {
    const Variable cubed = multiply(square(x), x);
    const Variable inner = scale(add(x, scale(cubed, 0.044715)), std::sqrt(2 / std::acos(-1.0)));
    return multiply(scale(x, 0.5), affine(tanh(inner), 1.0, 1.0));
}

enum class Activation { leaky_relu, tanh, none };

/// 8.2. g = ((m2 o w3^T) w2^T o m1) w1^T with m = activation'(z): every weight is in it. A bias is in it only through
/// an m that changes with z: m1 = 1 - tanh(z1)^2 depends on b1; m2 depends on z2, and z2 on both b1 and b2. The last
/// bias is in no z.
inline std::vector<bool> felt_by(Activation first, Activation second) {
    const bool first_bends = first == Activation::tanh, second_bends = second == Activation::tanh;
    return {true, first_bends || second_bends, true, second_bends, true, false};
}

}  // namespace course
