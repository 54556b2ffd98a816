// The one entry to differentiation.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "autograd/cotangent_sum.hpp"
#include "autograd/variable.hpp"

namespace autograd {

struct GradOptions {
    /// The gradients are themselves variables with a graph, and can be differentiated again.
    bool create_graph = false;
    /// The graph behind the outputs stays for another call. Without it (and without create_graph) every rule is freed
    /// as soon as it has run, so that memory falls while the sweep goes on.
    bool keep_graph = false;
};

/// Gradients of sum_k <outputs[k], cotangents[k]> with respect to each input; no value where no path leads there.
/// Without cotangents every output must be a scalar, and its cotangent is 1.
///
/// Reverse sweep: nodes by falling id; the cotangent of a node is the sum of what the rules of its users return for it.
/// That sum is made of the differentiable operators `add` and `concat`, so a value used twice is right at every order.
/// Throws Error for an input without requires_grad, shapes that disagree, or a graph that was freed.
std::vector<std::optional<Variable>> grad(std::span<const Variable> outputs, std::span<const Variable> inputs,
                                          std::span<const Variable> cotangents = {}, GradOptions options = {});

/// The gradient of one scalar with respect to one input; zeros where no path leads.
Variable grad(const Variable& output, const Variable& input, GradOptions options = {});

/// One line for each node behind `output`, newest first: id, operator, shape of its value, inputs, and behind two
/// spaces the layer in which it was recorded, if it was in one: "#7 conv3d [2, 3, 1, 1, 4] <- #5, #6  critic.conv1".
/// For looking at the gradient of a gradient.
std::string describe_graph(const Variable& output);

}  // namespace autograd
