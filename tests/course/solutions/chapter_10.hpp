// Chapter 10: how to add an operator.
#pragma once

#include <cmath>
#include <vector>

#include "autograd/elementwise.hpp"
#include "autograd/variable.hpp"
#include "tensor/elementwise.hpp"

namespace course {

using autograd::record;
using autograd::Variable;
using tensor::Tensor;

/// 10.1. The cosine is a sine, so the set {sine, affine, multiply} is closed: one rule serves every order. The rule
/// names the operator that it belongs to, which is fine: it holds x, not its own value.
inline Variable sine(const Variable& x) {
    std::vector<double> y = x.value().values<double>();
    for (double& each : y) each = std::sin(each);
    const double quarter = std::acos(0.0);
    return record("sine", Tensor::from(y, x.shape()),
                  {{x, [=](const Variable& g) { return multiply(g, sine(affine(x, 1.0, quarter))); }}});
}

/// 10.2. The mask of a - b is 1 where a is larger and 0 elsewhere; -1 times a - b has the other mask. Both are linear
/// in g and do not change when a and b move a little, so their own rules are masks again. b was broadcast, so what
/// comes back to it is summed. At a tie both references are 0, where the mask is 0: the cotangent is lost, as
/// LeakyReLU's is.
inline Variable maximum(const Variable& a, const Variable& b) {
    const Tensor ahead = tensor::subtract(a.value(), b.value()), behind = tensor::negate(ahead);
    const Tensor value = tensor::add(b.value(), tensor::leaky_relu(ahead, 0.0));
    return record("maximum", value,
                  {{a, [=](const Variable& g) { return sum_to(leaky_relu_mask(ahead, g, 0.0), a.shape()); }},
                   {b, [=](const Variable& g) { return sum_to(leaky_relu_mask(behind, g, 0.0), b.shape()); }}});
}

}  // namespace course
