// Layer norm as a layer: its value, its parameters, and derivatives as a gradient penalty takes them.
#include "layers/layer_norm.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/check_gradients.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/matmul.hpp"
#include "autograd/norm.hpp"
#include "tensor/random.hpp"
#include "tests/layers/workshop.hpp"
#include "tests/support/compare.hpp"

using namespace layers;
using support::difference;
using support::Workshop;

namespace {

/// The formula written out for phrases of `positions` x `channels` values.
std::vector<double> by_hand(const std::vector<double>& x, std::size_t positions, std::size_t channels,
                            const std::vector<double>& gamma, const std::vector<double>& beta) {
    const std::size_t members = positions * channels;
    std::vector<double> y;
    for (std::size_t begin = 0; begin < x.size(); begin += members) {
        double mean = 0, variance = 0;
        for (std::size_t i = 0; i < members; ++i) mean += x[begin + i] / static_cast<double>(members);
        for (std::size_t i = 0; i < members; ++i)
            variance += (x[begin + i] - mean) * (x[begin + i] - mean) / static_cast<double>(members);
        for (std::size_t i = 0; i < members; ++i)
            y.push_back(gamma[i % channels] * (x[begin + i] - mean) / std::sqrt(variance + 1e-5) + beta[i % channels]);
    }
    return y;
}

/// (slope - 1)^2 summed over phrases, slope the length of the gradient of a score by the phrase: the score is a
/// weighted sum of tanh of layer norm of x w. inputs: x [N, 3], w [3, 4], v [4, 1].
Variable penalty(const LayerNorm& norm, const std::vector<Variable>& inputs) {
    const Variable x = inputs[0], hidden = autograd::matmul_nn(x, inputs[1]);
    const Variable score = autograd::sum(autograd::matmul_nn(autograd::tanh(norm(hidden)), inputs[2]));
    const Variable slope = autograd::norm(autograd::grad(score, x, {.create_graph = true}), 1e-8);
    return autograd::sum(autograd::square(autograd::affine(slope, 1.0, -1.0)));
}

}  // namespace

TEST_CASE("layer norm gives each phrase mean 0 and variance 1 over its positions and channels, then gamma and beta") {
    Workshop shop;
    const LayerNorm norm(shop.builder.within("norm"), 4);
    REQUIRE(shop.parameters.trainable.size() == 2);
    CHECK(shop.parameters.trainable[0].name == "net.norm.gamma");
    CHECK(shop.parameters.trainable[1].name == "net.norm.beta");
    CHECK(shop.parameters.statistics.empty());
    const std::vector<double> ones(4, 1.0), zeros(4, 0.0);
    CHECK(shop.parameter("net.norm.gamma").value().values<double>() == ones);
    CHECK(shop.parameter("net.norm.beta").value().values<double>() == zeros);

    const Variable x(tensor::random_normal(shop.random, {3, 2, 5, 1, 4}, 2.0, DType::f64));
    const std::vector<double> values = x.value().values<double>();
    CHECK(difference(norm(x).value().values<double>(), by_hand(values, 10, 4, ones, zeros), 1e-14) == "");
    const std::vector<double> gamma{2, -1, 0.5, 3}, beta{0, 1, -4, 0.25};
    Tensor of_gamma = shop.parameter("net.norm.gamma").value(), of_beta = shop.parameter("net.norm.beta").value();
    tensor::assign(Tensor::from(gamma, {4}), of_gamma);
    tensor::assign(Tensor::from(beta, {4}), of_beta);
    CHECK(difference(norm(x).value().values<double>(), by_hand(values, 10, 4, gamma, beta), 4e-14) == "");
}

TEST_CASE("layer norm gives a phrase beside others what it gives it alone") {
    Workshop shop;
    const LayerNorm norm(shop.builder, 3);
    const Variable x = shop.input({4, 7, 1, 1, 3});
    const Tensor company = norm(x).value();
    for (std::int64_t n = 0; n < 4; ++n)
        CHECK(difference(norm(Variable(x.value().rows(n, n + 1))).value().values<double>(),
                         company.rows(n, n + 1).values<double>()) == "");
}

TEST_CASE("a gradient penalty through layer norm has the right gradient, and that gradient too") {
    Workshop shop;
    const LayerNorm norm(shop.builder, 4);
    autograd::check_gradients([&](const std::vector<Variable>& in) { return penalty(norm, in); },
                              {shop.normal({2, 3}), shop.normal({3, 4}), shop.normal({4, 1})});
}

TEST_CASE("a gradient penalty through layer norm reaches gamma") {
    Workshop shop;
    const LayerNorm norm(shop.builder.within("norm"), 4);
    const std::vector<Variable> inputs{Variable(shop.normal({2, 3}), true), Variable(shop.normal({3, 4}), true),
                                       Variable(shop.normal({4, 1}), true)};
    const Variable gamma = shop.parameter("net.norm.gamma");
    const std::vector<double> rule = autograd::grad(penalty(norm, inputs), gamma).value().values<double>();
    // Central differences of fourth order, as check_gradients takes them.
    Tensor storage = gamma.value();
    for (std::size_t c = 0; c < 4; ++c) {
        const auto moved = [&](double by) {
            std::vector<double> values(4, 1.0);
            values[c] += by;
            tensor::assign(Tensor::from(values, {4}), storage);
            return penalty(norm, inputs).item();
        };
        constexpr double h = 0x1p-10;
        const double slope = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h);
        CHECK(rule[c] == doctest::Approx(slope).epsilon(1e-7));
    }
}
