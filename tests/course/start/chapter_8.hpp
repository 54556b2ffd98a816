// Chapter 8: biases, masks, and activations that bend. The tests are in tests/course/chapter_8_test.cpp.
#pragma once

#include <vector>

#include "autograd/elementwise.hpp"

namespace course {

using autograd::Variable;

/// 8.1. The GELU of Hendrycks and Gimpel (2016) in its tanh form,
///
///     0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))),
///
/// elementwise, from operators of autograd/elementwise.hpp alone: every order then comes by itself. How many nodes does
/// it leave where leaky_relu leaves one?
inline Variable gelu(const Variable& x) { return x; }

enum class Activation { leaky_relu, tanh, none };

/// 8.2. The critic D(x) = second(first(x w1 + b1) w2 + b2) w3 + b3. To which of its parameters w1, b1, w2, b2, w3, b3
/// (in this order) does a path lead from the gradient penalty? Write down g = grad D first and look at what is in it.
inline std::vector<bool> felt_by(Activation first, Activation second) {
    return {false, false, false, false, false, false};
}

}  // namespace course
