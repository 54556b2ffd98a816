// Chapter 2: rules are made of operators.
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

/// 2.1. The rule computes e^x again, from x. That is one more exponential for every backward pass, and it buys two
/// things. The new y hangs on x through a node of its own, so the cotangent's derivative finds its way to x, at every
/// order. And the rule captures x alone: the node owns its input, as it does anyway, and not itself. With `value` in
/// its place, y would be a constant; with the result of this call, node -> rule -> result -> node would be a circle.
inline Variable exponential(const Variable& x) {
    std::vector<double> y = x.value().values<double>();
    for (double& each : y) each = std::exp(each);
    return record("exponential", Tensor::from(y, x.shape()),
                  {{x, [=](const Variable& g) { return multiply(g, exponential(x)); }}});
}

/// 2.2. detach() cuts the path from the factor 2x back to x. The number is right, and order 1 looks at numbers alone;
/// order 2 differentiates 2 x g and finds that the rule does not change with x.
inline Variable square_with_a_bug(const Variable& x) {
    const Tensor value = square(x.detach()).value();
    return record("square_with_a_bug", value,
                  {{x, [=](const Variable& g) { return multiply(scale(x.detach(), 2.0), g); }}});
}

/// The derivative of x^3 is 3 x^2 g with an x^2 whose own derivative is right once: 6 x g at order 2. The cut is in the
/// rule of x^2, one differentiation further down, where only order 3 walks. A check at order n says nothing of n + 1,
/// unless one knows what the rules are made of: that is why chapter 2's law is about rules and not about orders.
inline Variable cube_with_a_bug(const Variable& x) {
    const Tensor value = multiply(square(x.detach()), x.detach()).value();
    return record("cube_with_a_bug", value,
                  {{x, [=](const Variable& g) { return multiply(scale(square_with_a_bug(x), 3.0), g); }}});
}

}  // namespace course
