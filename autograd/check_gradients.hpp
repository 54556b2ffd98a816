// Gradients against finite differences, order by order: the test that every rule has to pass, and the one to call on a
// rule of your own (README.md, "How to add an operator").
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "autograd/variable.hpp"

namespace autograd {

/// What is checked: any composition of operators, inputs in, one value of any shape out.
using Function = std::function<Variable(const std::vector<Variable>& inputs)>;

struct CheckOptions {
    /// 1: the gradient; 2: also the gradient of the gradient; 3: once more.
    int order = 2;
    /// The seed of the random cotangents and directions.
    std::uint64_t seed = 1;
    /// Largest difference allowed, relative to the sizes of the value and of the gradient (check_gradients.cpp).
    double tolerance = 1e-8;
    /// Length of the finite difference's step in the space of one input. Inputs should be of order one, and further
    /// from a kink than twice this.
    double step = 0x1p-10;
};

/// For every input x_i, with a random cotangent g and a random direction v of length 1, compares
///
///     <v, gradient of <f(x), g> by x_i>    and    d/dt <f(x_0, ..., x_i + t v, ...), g> at t = 0,
///
/// the first from the rules, the second by a central difference of fourth order; then does the same to the function
/// that maps (x, g) to those gradients, and so on up to `order`. One projection sees every wrong element unless v
/// happens to be orthogonal to the mistake, at the price of five evaluations per input.
///
/// Throws Error for an input that is not f64, and for a gradient that disagrees: the message names the order, the input
/// and both numbers, and, if it is small, the entries of the Jacobian that differ.
void check_gradients(const Function& function, const std::vector<Tensor>& inputs, CheckOptions options = {});

}  // namespace autograd
