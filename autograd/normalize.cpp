#include "autograd/normalize.hpp"

#include <algorithm>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"

namespace autograd {

namespace {

/// The shape of the statistics, with an extent of 1 on each axis that shares them, so that they broadcast to x.
Shape statistics_shape(const Shape& x, NormalizeOver over) {
    std::vector<std::int64_t> extents(static_cast<std::size_t>(x.rank()), 1);
    if (over == NormalizeOver::batch) extents.back() = x[-1];
    else extents.front() = x[0];
    return Shape(std::span<const std::int64_t>(extents));
}

using Gradients = std::vector<std::optional<Variable>>;

/// The gradient as a value that can be differentiated: that of the composition. Each input gets a node of its own as an
/// argument of the formula. If gamma is itself made from x, the gradient found here for x is that of the argument x
/// alone; the outer sweep adds what flows through gamma.
Gradients composed_gradient(const std::vector<Variable>& inputs, NormalizeOver over, double epsilon, const Variable& g,
                            const Needed& needed) {
    std::vector<Variable> arguments, wanted;
    for (const Variable& input : inputs)
        arguments.push_back(record("argument", input.value(), {{input, [](const Variable& h) { return h; }}}));
    for (std::size_t i = 0; i < inputs.size(); ++i)
        if (needed[i]) wanted.push_back(arguments[i]);
    const Variable y = normalize_composed(arguments[0], arguments[1], arguments[2], over, epsilon);
    const Gradients found = grad(std::span(&y, 1), wanted, std::span(&g, 1), {.create_graph = true});
    Gradients results(inputs.size());
    auto next = found.begin();
    for (std::size_t i = 0; i < inputs.size(); ++i)
        if (needed[i]) results[i] = *next++;
    return results;
}

}  // namespace

Normalized normalize(const Variable& x, const Variable& gamma, const Variable& beta, NormalizeOver over,
                     double epsilon) {
    const tensor::Normalized forward = tensor::normalize(x.value(), gamma.value(), beta.value(), over, epsilon);
    const std::vector<Variable> inputs{x, gamma, beta};
    // The rule holds the statistics, not the value.
    const JointRule rule = [inputs, over, epsilon, mean = forward.mean, deviation = forward.inverse_deviation](
                               const Variable& g, const Needed& needed) -> Gradients {
        if (recording()) return composed_gradient(inputs, over, epsilon, g, needed);
        const tensor::NormalizeGradients gradients =
            tensor::normalize_gradient(inputs[0].value(), inputs[1].value(), g.value(), over, mean, deviation);
        return {Variable(gradients.x), Variable(gradients.gamma), Variable(gradients.beta)};
    };
    return {record_joint("normalize", forward.y, x.shape(), inputs, rule), forward.mean, forward.inverse_deviation};
}

Variable normalize_composed(const Variable& x, const Variable& gamma, const Variable& beta, NormalizeOver over,
                            double epsilon) {
    const Shape statistics = statistics_shape(x.shape(), over);
    const double members = static_cast<double>(x.shape().elements()) / static_cast<double>(statistics.elements());
    const auto average = [&](const Variable& v) { return scale(sum_to(v, statistics), 1.0 / members); };
    const Variable centred = subtract(x, average(x));
    const Variable inverse_deviation = reciprocal(square_root(affine(average(square(centred)), 1.0, epsilon)));
    return add(multiply(multiply(centred, inverse_deviation), gamma), beta);
}

}  // namespace autograd
