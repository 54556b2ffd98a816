// The binary neuron: a step as its value, the straight-through rule as its derivative.
#include "autograd/binary_neuron.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autograd/check_gradients.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "tests/autograd/inputs.hpp"
#include "tests/autograd/results.hpp"
#include "tests/support/compare.hpp"

using namespace autograd;
using support::contains_all;
using support::difference;
using support::eps;
using support::Inputs;
using support::leaf;
using support::message_of;
using support::smooth;
using support::values;
using support::Values;

namespace {

/// What the rule gives for the cotangent g, as a function of a and g.
Variable rule(const Variable& a, const Variable& g, double slope, const Tensor& threshold) {
    const Variable y = binary_neuron(a, slope, threshold);
    return *grad(std::span(&y, 1), std::span(&a, 1), std::span(&g, 1), {.create_graph = true})[0];
}

/// Uniform numbers in [0, 1).
Tensor uniform(const Shape& shape, std::uint64_t seed) {
    Values u = support::real_numbers<double>(shape.elements(), seed);
    for (double& each : u) each = 0.5 * each + 0.5;
    return Tensor::from(u, shape);
}

}  // namespace

TEST_CASE("a deterministic neuron is 1 above 0 and -1 elsewhere, whatever the slope") {
    const Variable a = leaf({-2, -1e-300, 0, 1e-300, 0.5, 7});
    for (const double slope : {1e-3, 1.0, 1.1, 500.0})
        CHECK(values(binary_neuron(a, slope)) == Values{-1, -1, -1, 1, 1, 1});
}

TEST_CASE("a stochastic neuron is 1 where the probability is above the threshold") {
    // sigmoid(0) is 1/2, and sigmoid(2 log 3 / 2) is 3/4 but for its rounding.
    const double a = std::log(3.0) / 2;
    const Variable x = leaf({0, 0, 0, a, a, -a, -a});
    const Tensor u = Tensor::from(Values{0.4999, 0.5, 0.5001, 0.7499, 0.7501, 0.2499, 0.2501}, {7});
    CHECK(values(binary_neuron(x, 2.0, u)) == Values{1, -1, -1, 1, -1, 1, -1});
}

TEST_CASE("a stochastic neuron is 1 as often as its probability says") {
    constexpr std::int64_t n = 40000;
    for (const double a : {-1.5, 0.0, 0.4}) {
        CAPTURE(a);
        double ones = 0;
        for (const double b : values(binary_neuron(Variable(Tensor::full({n}, a, DType::f64)), 1.5, uniform({n}, 3))))
            ones += b > 0;
        const double p = 1 / (1 + std::exp(-1.5 * a));
        CHECK(std::abs(ones / n - p) < 4 * std::sqrt(p * (1 - p) / n));
    }
}

TEST_CASE("the rule is g 2 slope p (1 - p), with a threshold and without") {
    const Shape shape{3, 5};
    const Tensor a = smooth(shape, 1), g = smooth(shape, 2), u = uniform(shape, 3);
    const Values at = a.values<double>(), cotangent = g.values<double>();
    for (const double slope : {0.5, 1.0, 3.0}) {
        CAPTURE(slope);
        Values expected, tolerance;
        for (std::size_t i = 0; i < at.size(); ++i) {
            const double p = 1 / (1 + std::exp(-slope * at[i]));
            expected.push_back(cotangent[i] * 2 * slope * p * (1 - p));
            tolerance.push_back(16 * eps<double> * std::abs(expected.back()));
        }
        CHECK(difference(values(rule(leaf(a), leaf(g), slope, {})), expected, tolerance) == "");
        CHECK(difference(values(rule(leaf(a), leaf(g), slope, u)), expected, tolerance) == "");
    }
}

TEST_CASE("the rule of a neuron is right at orders 1 and 2") {
    for (const Shape& shape : {Shape{}, Shape{4}, Shape{2, 3, 2}}) {
        CAPTURE(shape.to_string());
        const Tensor u = uniform(shape, 4);
        for (const double slope : {0.75, 2.0}) {
            check_gradients([&](const Inputs& in) { return rule(in[0], in[1], slope, {}); },
                            {support::away_from_zero(shape, 1), smooth(shape, 2)});
            check_gradients([&](const Inputs& in) { return rule(in[0], in[1], slope, u); },
                            {support::away_from_zero(shape, 1), smooth(shape, 2)});
        }
    }
}

TEST_CASE("a neuron asked for without recording, or of a constant, leaves no node") {
    const Variable a = leaf({-1, 2});
    {
        const NoGrad no_grad;
        CHECK_FALSE(binary_neuron(a, 1.0).requires_grad());
        CHECK_FALSE(binary_neuron(a, 1.0, uniform({2}, 1)).requires_grad());
    }
    CHECK_FALSE(binary_neuron(a.detach(), 1.0).requires_grad());
    CHECK(binary_neuron(a, 1.0).requires_grad());
}

TEST_CASE("binary_neuron names what it was given") {
    const Variable a = leaf(smooth({2, 3}, 1));
    for (const double slope : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()})
        CHECK(contains_all(message_of([&] { binary_neuron(a, slope); }), {"[binary_neuron]", "slope"}));
    CHECK(contains_all(message_of([&] {
                           binary_neuron(a, 1.0, smooth({3, 2}, 1));
                       }),
                       {"[binary_neuron]", "[3, 2]", "[2, 3]"}));
    CHECK(contains_all(message_of([&] { binary_neuron(a, 1.0, smooth({3}, 1)); }), {"[binary_neuron]", "[3]"}));
    CHECK(contains_all(message_of([&] {
                           binary_neuron(a, 1.0, Tensor::zeros({2, 3}));
                       }),
                       {"[binary_neuron]", "f64", "f32"}));
}
