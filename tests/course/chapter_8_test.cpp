// Chapter 8: biases, masks, and activations that bend.
#include "chapter_8.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "autograd/check_gradients.hpp"
#include "tests/autograd/critic.hpp"
#include "tests/autograd/graphs.hpp"
#include "tests/autograd/results.hpp"
#include "tests/support/compare.hpp"

using autograd::check_gradients;
using autograd::Variable;
using support::leaf;
using support::leaves;
using support::smooth;
using support::Values;
using support::values;
using tensor::Tensor;

namespace {

Variable activate(course::Activation activation, const Variable& z) {
    switch (activation) {
        case course::Activation::leaky_relu: return leaky_relu(z, 0.2);
        case course::Activation::tanh: return tanh(z);
        case course::Activation::none: break;
    }
    return z;
}

/// D(x) = second(first(x w1 + b1) w2 + b2) w3 + b3; parameters w1, b1, w2, b2, w3, b3.
Variable score(const Variable& x, const std::vector<Variable>& p, course::Activation first, course::Activation second) {
    const Variable h1 = activate(first, add(matmul_nn(x, p[0]), p[1]));
    const Variable h2 = activate(second, add(matmul_nn(h1, p[2]), p[3]));
    return add(matmul_nn(h2, p[4]), p[5]);
}

/// Whether a path leads from the penalty to each parameter.
std::vector<bool> paths(course::Activation first, course::Activation second) {
    const std::vector<Variable> p = leaves(
        {smooth({3, 4}, 1), smooth({4}, 2), smooth({4, 4}, 3), smooth({4}, 4), smooth({4, 1}, 5), smooth({1}, 6)});
    const auto critic = [&](const Variable& x, const std::vector<Variable>& q) { return score(x, q, first, second); };
    const Variable penalty = support::gradient_penalty(critic, smooth({5, 3}, 7), p, 10.0);
    std::vector<bool> found;
    for (const auto& each : grad(std::span(&penalty, 1), p)) found.push_back(each.has_value());
    return found;
}

}  // namespace

TEST_CASE("8.1: GELU from operators that exist") {
    const Values at{-3, -1, -0.25, 0, 0.5, 2};
    Values expected;
    for (const double x : at)
        expected.push_back(0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x))));
    const Variable x = leaf(at);
    const Variable y = course::gelu(x);
    CHECK(support::difference(values(y), expected, 1e-14) == "");
    check_gradients([](const std::vector<Variable>& in) { return course::gelu(in[0]); }, {x.value()}, {.order = 3});
}

TEST_CASE("8.2: which parameters feel the penalty") {
    const std::map<std::string, course::Activation> activations{{"leaky_relu", course::Activation::leaky_relu},
                                                                {"tanh", course::Activation::tanh},
                                                                {"none", course::Activation::none}};
    for (const auto& first : activations)
        for (const auto& second : activations) {
            CAPTURE(first.first);
            CAPTURE(second.first);
            const bool is_right = course::felt_by(first.second, second.second) == paths(first.second, second.second);
            CHECK(is_right);
        }
}
