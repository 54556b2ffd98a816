// The gradient penalty of WGAN-GP (Gulrajani et al. 2017, equation 3) on a critic of two chained strided convolutions
// and a dense layer: its gradient, what it does not touch, and what it costs.
#include <doctest/doctest.h>

#include <cmath>

#include "autograd/check_gradients.hpp"
#include "tensor/arena.hpp"
#include "tensor/elementwise.hpp"
#include "tests/autograd/critic.hpp"
#include "tests/autograd/graphs.hpp"
#include "tests/autograd/results.hpp"
#include "tests/support/compare.hpp"

using autograd::check_gradients;
using autograd::grad;
using autograd::Variable;
using support::bytes_in_use;
using support::count_operators;
using support::count_products;
using support::difference;
using support::gradient_penalty;
using support::Inputs;
using support::leaf;
using support::leaves;
using support::scalar;
using support::SmallCritic;
using support::smooth;
using support::values;
using support::Values;
using tensor::Tensor;

namespace {

using Gradients = std::vector<std::optional<Variable>>;

constexpr std::int64_t phrases = 3;
/// A step so short that no unit of these critics crosses its kink on the way.
constexpr double short_step = 0x1p-17;

/// E D(fake) - E D(real) + penalty at x^, as in musegan: three terms.
struct CriticTerms {
    Variable fake, real, penalty;
};
CriticTerms critic_terms(const SmallCritic& critic, const Inputs& parameters, double lambda) {
    const Tensor fake = smooth(critic.phrases_shape(phrases), 11), real = smooth(critic.phrases_shape(phrases), 12);
    const Tensor between = tensor::add(tensor::scale(fake, 0.25), tensor::scale(real, 0.75));
    return {mean(critic(Variable(fake), parameters)), autograd::negate(mean(critic(Variable(real), parameters))),
            gradient_penalty(critic, between, parameters, lambda)};
}
Variable critic_loss(const SmallCritic& critic, const Inputs& parameters, double lambda) {
    const CriticTerms terms = critic_terms(critic, parameters, lambda);
    return add(add(terms.fake, terms.real), terms.penalty);
}

Gradients gradients(const Variable& loss, const Inputs& parameters, bool create_graph = false) {
    return grad(std::span(&loss, 1), parameters, {}, {.create_graph = create_graph});
}

/// The sum over all gradients that are there, as one variable whose graph can be looked at.
Variable gather(const Gradients& found) {
    std::vector<Variable> parts;
    for (const auto& each : found)
        if (each) parts.push_back(sum(*each));
    Variable total = parts[0];
    for (std::size_t i = 1; i < parts.size(); ++i) total = add(total, parts[i]);
    return total;
}

}  // namespace

TEST_CASE("penalty: a linear critic's penalty and gradient have the closed form") {
    // D(x) = <w, x>: the gradient is w for every phrase, so that P = lambda (|w| - 1)^2 and
    // dP/dw = 2 lambda (|w| - 1) w / |w|, with |w| = sqrt(1e-8 + sum of squares).
    const Tensor w_value = smooth({7, 1}, 1);
    const Variable w = leaf(w_value);
    const auto linear = [](const Variable& x, const Inputs& p) { return matmul_nn(x, p[0]); };
    const double lambda = 10;
    double square_sum = 1e-8;
    for (const double each : values(w)) square_sum += each * each;
    const double length = std::sqrt(square_sum);
    const Variable penalty = gradient_penalty(linear, smooth({5, 7}, 2), {w}, lambda);
    CHECK(penalty.item() == doctest::Approx(lambda * (length - 1) * (length - 1)).epsilon(1e-13));
    Values expected = values(w);
    for (double& each : expected) each *= 2 * lambda * (length - 1) / length;
    CHECK(difference(values(grad(penalty, w)), expected, 1e-12) == "");
    check_gradients(
        [&](const Inputs& in) {
            return gradient_penalty(linear, smooth({5, 7}, 2), in, lambda);
        },
        {w_value});
}

TEST_CASE("penalty: the gradient of the whole critic loss agrees with a directional difference") {
    for (const std::uint64_t seed : {21, 31, 41}) {
        CAPTURE(seed);
        const SmallCritic critic;
        const auto loss = [&](const Inputs& p) { return critic_loss(critic, p, 10.0); };
        check_gradients(loss, critic.parameters(seed), {.order = 1, .step = short_step});
        const SmallCritic smooth_critic{.with_tanh = true};
        const auto smooth_loss = [&](const Inputs& p) { return critic_loss(smooth_critic, p, 10.0); };
        check_gradients(smooth_loss, smooth_critic.parameters(seed), {.order = 1});
    }
}

TEST_CASE("penalty: the critic's own gradient is right at order 2 through both convolutions") {
    const SmallCritic critic{.with_tanh = true};
    std::vector<Tensor> inputs = critic.parameters(5);
    inputs.push_back(smooth(critic.phrases_shape(2), 6));
    check_gradients([&](const Inputs& in) { return critic(in.back(), in); }, inputs, {.order = 2});
}

TEST_CASE("penalty: for a piecewise-linear critic no path leads to any bias") {
    const SmallCritic critic;
    const Inputs p = leaves(critic.parameters(1));
    const Gradients found = gradients(gradient_penalty(critic, smooth(critic.phrases_shape(phrases), 2), p, 10.0), p);
    for (const std::size_t weight : {0u, 2u, 4u}) {
        REQUIRE(found[weight].has_value());
        CHECK(tensor::all_finite(found[weight]->value()));
        CHECK(difference(values(*found[weight]), Values(values(p[weight]).size(), 0.0)) != "");
    }
    for (const std::size_t bias : {1u, 3u, 5u}) CHECK_FALSE(found[bias].has_value());
}

TEST_CASE("penalty: for a smooth critic the biases do get a gradient, except the last") {
    const SmallCritic critic{.with_tanh = true};
    const Inputs p = leaves(critic.parameters(1));
    const Gradients found = gradients(gradient_penalty(critic, smooth(critic.phrases_shape(phrases), 2), p, 10.0), p);
    CHECK(found[1].has_value());
    CHECK(found[3].has_value());
    CHECK_FALSE(found[5].has_value());
}

TEST_CASE("penalty: its gradient is linear in lambda, and not zero") {
    const SmallCritic critic;
    const Inputs p = leaves(critic.parameters(1));
    const Values at_0 = values(*gradients(critic_loss(critic, p, 0.0), p)[0]);
    const Values at_10 = values(*gradients(critic_loss(critic, p, 10.0), p)[0]);
    const Values at_20 = values(*gradients(critic_loss(critic, p, 20.0), p)[0]);
    Values expected;
    double largest = 0;
    for (std::size_t i = 0; i < at_0.size(); ++i) {
        expected.push_back(2 * at_10[i] - at_0[i]);
        largest = std::max(largest, std::abs(at_10[i] - at_0[i]));
    }
    CHECK(largest > 0.01);
    CHECK(difference(at_20, expected, 1e-12 * (1 + largest)) == "");
}

TEST_CASE("penalty: three terms differentiated one by one add up to the gradient of their sum") {
    const SmallCritic critic;
    const Inputs p = leaves(critic.parameters(1));
    const CriticTerms terms = critic_terms(critic, p, 10.0);
    std::vector<autograd::CotangentSum> one_by_one(p.size());
    for (const Variable& term : {terms.fake, terms.real, terms.penalty}) {
        const Gradients found = gradients(term, p);
        for (std::size_t i = 0; i < p.size(); ++i)
            if (found[i]) one_by_one[i].add_term(*found[i], false);
    }
    const Gradients together = gradients(critic_loss(critic, p, 10.0), p);
    for (std::size_t i = 0; i < p.size(); ++i) {
        CAPTURE(i);
        CHECK(difference(values(one_by_one[i].value()), values(*together[i]), 1e-11) == "");
    }
}

TEST_CASE("penalty: a phrase whose critic gradient is exactly zero has a finite penalty gradient") {
    // ReLU, negative biases and a phrase of zeros: every unit is off for phrase 0 and its gradient is 0.
    const SmallCritic critic{.slope = 0.0};
    std::vector<Tensor> parameters = critic.parameters(3);
    parameters[1] = Tensor::full({4}, -0.1, tensor::DType::f64);
    parameters[3] = Tensor::full({5}, -0.1, tensor::DType::f64);
    const Inputs p = leaves(parameters);
    const auto row = tensor::Shape{1, 9, 6, 2, 1};
    const Variable x = autograd::concat({leaf(Tensor::zeros(row, tensor::DType::f64)), leaf(smooth(row, 4))}, 0);
    const Variable x_gradient = grad(sum(critic(x, p)), x, {.create_graph = true});
    const Values each_slope = values(support::slope_of(x_gradient));
    CHECK(each_slope[0] == 1e-4);  // sqrt(1e-8)
    CHECK(each_slope[1] > 0.01);
    const Gradients finite = gradients(support::penalty_of(x_gradient, 10.0), p);
    const Gradients broken =
        gradients(support::penalty_of(grad(sum(critic(x, p)), x, {.create_graph = true}), 10.0, 0.0), p);
    for (const std::size_t weight : {0u, 2u, 4u}) CHECK(tensor::all_finite(finite[weight]->value()));
    // Without the 1e-8 under the root it is infinity times zero.
    CHECK_FALSE(tensor::all_finite(broken[0]->value()));
}

TEST_CASE("penalty: its graph holds the input-gradient chain and no forward activation") {
    const SmallCritic critic;
    const Inputs p = leaves(critic.parameters(1));
    const Variable x = leaf(smooth(critic.phrases_shape(phrases), 2));
    const Variable score = sum(critic(x, p));
    auto forward = count_operators(score);
    CHECK(forward["conv3d"] == 2);
    CHECK(forward["matmul_nn"] == 1);
    CHECK(forward["leaky_relu"] == 2);

    const Variable penalty = support::penalty_of(grad(score, x, {.create_graph = true}), 10.0);
    auto chain = count_operators(penalty);
    CHECK(chain["conv3d_input_gradient"] == 2);
    CHECK(chain["matmul_nt"] == 1);
    CHECK(chain["leaky_relu_mask"] == 2);
    CHECK(chain["leaf"] == 3);  // the three weights: neither x nor a bias
    for (const char* activation : {"conv3d", "matmul_nn", "leaky_relu", "add"}) CHECK(chain[activation] == 0);
}

TEST_CASE("penalty: its gradient runs one F-like chain and one set of B, and nothing else of that size") {
    const SmallCritic critic;
    const Inputs p = leaves(critic.parameters(1));
    const Variable penalty = gradient_penalty(critic, smooth(critic.phrases_shape(phrases), 2), p, 10.0);
    auto before = count_operators(penalty);
    auto after = count_operators(gather(gradients(penalty, p, true)));
    CHECK(after["conv3d"] - before["conv3d"] == 2);
    CHECK(after["conv3d_weight_gradient"] - before["conv3d_weight_gradient"] == 2);
    CHECK(after["matmul_tn"] - before["matmul_tn"] == 1);
    CHECK(after["conv3d_input_gradient"] == before["conv3d_input_gradient"]);
    CHECK(after["matmul_nn"] == 0);
    CHECK(after["matmul_nt"] == before["matmul_nt"]);
}

TEST_CASE("penalty: a critic update costs no more than ten forward passes") {
    // Products, each as expensive as its layer's forward pass. Real and fake: forward 3, B 3, A 2 (nobody asks for the
    // gradient by the data). Penalty: forward 3, chain 3, F-like chain 2 (the last layer's cotangent is the constant
    // 1), B 3.
    const SmallCritic critic;
    const Inputs p = leaves(critic.parameters(1));
    const CriticTerms terms = critic_terms(critic, p, 10.0);
    const int real = count_products(add(terms.real, gather(gradients(terms.real, p, true))));
    const int fake = count_products(add(terms.fake, gather(gradients(terms.fake, p, true))));
    const Variable x = leaf(smooth(critic.phrases_shape(phrases), 2));
    const int forward_between = count_products(critic(x, p));
    const int chain_and_its_gradient = count_products(gather(gradients(terms.penalty, p, true)));
    CHECK(real == 3 + 3 + 2);
    CHECK(fake == real);
    CHECK(forward_between == 3);
    CHECK(chain_and_its_gradient == 3 + 2 + 3);
    CHECK(real + fake + forward_between + chain_and_its_gradient <= 10 * SmallCritic::layers);
}

TEST_CASE("penalty: bytes in use are equal at step k and at step k + 100") {
    const SmallCritic critic;
    const std::int64_t before = bytes_in_use();
    std::vector<Tensor> parameters = critic.parameters(1);
    const auto step = [&] {
        const Inputs p = leaves(parameters);
        const Gradients found = gradients(critic_loss(critic, p, 10.0), p);
        for (std::size_t i = 0; i < p.size(); ++i)
            parameters[i] = tensor::subtract(parameters[i], tensor::scale(found[i]->value(), 1e-3));
    };
    step();
    const std::int64_t first = bytes_in_use();
    for (int k = 0; k < 100; ++k) step();
    CHECK(bytes_in_use() == first);
    parameters.clear();
    CHECK(bytes_in_use() == before);
}

TEST_CASE("penalty: the loss of a critic under its own gradient falls, and the slopes move towards 1") {
    const SmallCritic critic;
    std::vector<Tensor> parameters = critic.parameters(1);
    const Tensor x = smooth(critic.phrases_shape(phrases), 2);
    const auto penalty_at = [&](const Inputs& p) { return gradient_penalty(critic, x, p, 10.0); };
    const double start = penalty_at(leaves(parameters)).item();
    for (int k = 0; k < 50; ++k) {
        const Inputs p = leaves(parameters);
        const Gradients found = gradients(penalty_at(p), p);
        for (const std::size_t weight : {0u, 2u, 4u})
            parameters[weight] = tensor::subtract(parameters[weight], tensor::scale(found[weight]->value(), 2e-4));
    }
    CHECK(penalty_at(leaves(parameters)).item() < 0.1 * start);
}
