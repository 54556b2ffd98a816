// The point of the reference device: a gradient that autograd computes there from parameters that carry a direction has
// its own derivative in its imaginary parts. That is a second derivative in which the rules were used once, compared
// here with the CPU's, in which they were used twice; of the gradient penalty, a third and a second derivative.
#include <doctest/doctest.h>

#include <functional>

#include "tensor/direction.hpp"
#include "tests/autograd/critic.hpp"
#include "tests/autograd/results.hpp"
#include "tests/support/compare.hpp"

using autograd::grad;
using autograd::Variable;
using support::difference;
using support::Inputs;
using support::leaf;
using support::SmallCritic;
using support::smooth;
using support::Values;
using tensor::Device;
using tensor::DType;
using tensor::Tensor;

namespace {

/// A loss of parameters, some of it from data that the test may put on any device.
using Loss = std::function<Variable(const Inputs& parameters, const std::vector<Tensor>& data)>;

struct Problem {
    Loss loss;
    std::vector<Tensor> parameters, data;
};

/// A loss of all three kinds of terms of WGAN-GP.
Problem critic_problem(bool with_tanh, double lambda) {
    const SmallCritic critic{.with_tanh = with_tanh};
    const auto loss = [critic, lambda](const Inputs& p, const std::vector<Tensor>& data) {
        const Variable real = mean(critic(Variable(data[0]), p)), fake = mean(critic(Variable(data[1]), p));
        const Variable scores = autograd::subtract(fake, real);
        return lambda == 0 ? scores : add(scores, gradient_penalty(critic, data[2], p, lambda));
    };
    const tensor::Shape shape = critic.phrases_shape(3);
    return {loss, critic.parameters(7), {smooth(shape, 11), smooth(shape, 12), smooth(shape, 13)}};
}

/// Two dense layers: sum of softplus of their scores.
Problem dense_problem() {
    const auto loss = [](const Inputs& p, const std::vector<Tensor>& data) {
        const Variable hidden = autograd::tanh(matmul_bias_leaky_relu(Variable(data[0]), p[0], p[1], 1.0));
        return sum(softplus(matmul_bias_leaky_relu(hidden, p[2], p[3], 0.2)));
    };
    return {loss, {smooth({5, 7}, 1), smooth({7}, 2), smooth({7, 2}, 3), smooth({2}, 4)}, {smooth({4, 5}, 5)}};
}

/// One after the other, as one vector.
Values joined(const std::vector<Tensor>& tensors) {
    Values all;
    for (const Tensor& each : tensors)
        for (const double value : each.values<double>()) all.push_back(value);
    return all;
}

Tensor zeros_like(const Tensor& x) { return Tensor::zeros(x.shape(), x.dtype(), x.device()); }

std::vector<Tensor> gradients(const Variable& loss, const Inputs& parameters) {
    std::vector<Tensor> found;
    const auto gradient = grad(std::span(&loss, 1), parameters);
    for (std::size_t i = 0; i < parameters.size(); ++i)
        found.push_back(gradient[i] ? gradient[i]->value() : zeros_like(parameters[i].value()));
    return found;
}

/// d/dt of the gradient at parameters + t v: the gradient of <gradient, v>, on the CPU.
std::vector<Tensor> differentiated_twice(const Problem& problem, const std::vector<Tensor>& v) {
    const Inputs parameters = support::leaves(problem.parameters);
    const Variable loss = problem.loss(parameters, problem.data);
    const auto first = grad(std::span(&loss, 1), parameters, {}, {.create_graph = true});
    Variable along = autograd::Variable(support::scalar(0));
    for (std::size_t i = 0; i < v.size(); ++i)
        if (first[i]) along = add(along, sum(multiply(*first[i], Variable(v[i]))));
    return gradients(along, parameters);
}

double largest(const Values& values) {
    double result = 0;
    for (const double v : values) result = std::max(result, std::abs(v));
    return result;
}

void check(const Problem& problem) {
    std::vector<Tensor> v, data;
    Inputs parameters;
    for (std::size_t i = 0; i < problem.parameters.size(); ++i) {
        v.push_back(smooth(problem.parameters[i].shape(), 50 + i));
        parameters.push_back(leaf(tensor::with_direction(problem.parameters[i], v[i])));
    }
    for (const Tensor& each : problem.data) data.push_back(each.to(Device::reference()));

    const Variable loss = problem.loss(parameters, data);
    const std::vector<Tensor> gradient = gradients(loss, parameters);
    const Inputs on_cpu = support::leaves(problem.parameters);
    const std::vector<Tensor> expected_gradient = gradients(problem.loss(on_cpu, problem.data), on_cpu);
    // The value's and the gradient's own numbers, and the value's derivative without any rule.
    CHECK(difference(joined(gradient), joined(expected_gradient), 1e-12 * largest(joined(expected_gradient))) == "");
    const double slope = support::inner_product(joined(expected_gradient), joined(v));
    CHECK(std::abs(tensor::derivative_of(loss.value()).item() - slope) <= 1e-12 * (1 + std::abs(slope)));

    std::vector<Tensor> second;
    for (const Tensor& each : gradient) second.push_back(tensor::derivative_of(each));
    const Values expected = joined(differentiated_twice(problem, v));
    CHECK(largest(expected) > 0.01);
    CHECK(difference(joined(second), expected, 1e-12 * largest(expected)) == "");
}

}  // namespace

TEST_CASE("reference device: the imaginary part of a gradient is its derivative, dense layers") {
    check(dense_problem());
}

TEST_CASE("reference device: the imaginary part of a gradient is its derivative, a critic's scores") {
    check(critic_problem(false, 0));
    check(critic_problem(true, 0));
}

TEST_CASE("reference device: the imaginary part of a gradient is its derivative, WGAN-GP with the gradient penalty") {
    check(critic_problem(false, 10));
    check(critic_problem(true, 10));
}

TEST_CASE("reference device: a second derivative's imaginary part is a third derivative") {
    // d/dx d/dx of tanh, along 1: tanh''' = -2 (1 - t^2) (1 - 3 t^2), with t = tanh(x).
    const Tensor x = smooth({9}, 3);
    const Variable z = leaf(tensor::with_direction(x, Tensor::full({9}, 1.0, DType::f64)));
    const Variable first = grad(sum(autograd::tanh(z)), z, {.create_graph = true});
    const Variable second = grad(sum(first), z);
    Values expected;
    for (const double value : x.values<double>()) {
        const double t = std::tanh(value);
        expected.push_back(-2 * (1 - t * t) * (1 - 3 * t * t));
    }
    CHECK(difference(tensor::derivative_of(second.value()).values<double>(), expected, 1e-14) == "");
}
