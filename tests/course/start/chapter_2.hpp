// Chapter 2: rules are made of operators. The tests are in tests/course/chapter_2_test.cpp.
#pragma once

#include <cmath>
#include <vector>

#include "autograd/elementwise.hpp"
#include "autograd/variable.hpp"
#include "tensor/tensor.hpp"

namespace course {

using autograd::record;
using autograd::Variable;
using tensor::Tensor;

/// 2.1. e^x for x of any shape, in f64. The value is right, and so is the first derivative: the derivative of e^x is
/// e^x. Now write the rule of operators, so that it is right at every order.
///
/// The rule needs the operator's own value as a *variable*. It may not hold the result of this very call: a node owns
/// its rule, a rule owns what it captures, and a node that owns itself is never freed. The test looks at that, too.
/// Hint: chapter 2 says in its last paragraph how the rule of tanh gets at its value.
inline Variable exponential(const Variable& x) {
    std::vector<double> y = x.value().values<double>();
    for (double& each : y) each = std::exp(each);
    const Tensor value = Tensor::from(y, x.shape());
    return record("exponential", value, {{x, [=](const Variable& g) { return multiply(g, Variable(value)); }}});
}

/// 2.2. Write the bug. Up to here you were to be right; now be wrong, but no earlier than you are asked to be.
///
/// square_with_a_bug is x^2 for any shape. Its first derivative is right, so check_gradients passes at order 1. Its
/// second is not, so check_gradients refuses it at order 2. Use `record`, with the value that is given here.
inline Variable square_with_a_bug(const Variable& x) {
    const Tensor value = square(x.detach()).value();
    return square(x);
}

/// cube_with_a_bug is x^3. Orders 1 and 2 pass, order 3 is refused.
/// Hint: its rule has to be made of operators, or order 2 fails. Which operator do you have that is right exactly once?
inline Variable cube_with_a_bug(const Variable& x) {
    const Tensor value = multiply(square(x.detach()), x.detach()).value();
    return multiply(square(x), x);
}

}  // namespace course
