// A neuron whose value is -1 or +1, and which is trained nevertheless.
//
// Let p = sigmoid(slope a). A deterministic neuron decides by b = 1 if a > 0, else 0 (that is, p > 1/2); a stochastic
// one by b = 1 if p > u, else 0, for u uniform in [0, 1), so that b is 1 with probability p. The value 2 b - 1 is a
// step in a: its derivative is zero wherever it exists, and teaches nothing. The straight-through estimator (Bengio,
// Leonard, Courville 2013, section 3.1) puts the derivative of the probability in its place: the rule is that of 2 p
// - 1. With a slope that grows while training goes on (BinaryMuseGAN, Dong and Yang, ISMIR 2018, section 3), 2 p - 1
// comes closer and closer to the step.
#pragma once

#include "autograd/variable.hpp"

namespace autograd {

/// 2 b - 1, elementwise. Without a threshold the deterministic neuron; with one, its values are the u of the stochastic
/// neuron. The rule is g 2 slope p (1 - p), made of operators, so that it can be differentiated like any other.
///
/// Since the value is a step, finite differences of it are not what the rule says: check_gradients applies to the
/// function (a, g) -> rule, not to the neuron itself.
///
/// Throws Error unless slope is finite and above 0, and for a threshold of another shape, number type or device than a.
Variable binary_neuron(const Variable& a, double slope, const Tensor& threshold = {});

}  // namespace autograd
