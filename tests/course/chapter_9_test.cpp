// Chapter 9: traps.
#include "chapter_9.hpp"

#include <doctest/doctest.h>

#include "autograd/normalize.hpp"
#include "tests/autograd/critic.hpp"
#include "tests/autograd/results.hpp"
#include "tests/support/compare.hpp"

using autograd::NormalizeOver;
using autograd::Variable;
using support::difference;
using support::leaf;
using support::leaves;
using support::SmallCritic;
using support::smooth;
using support::Values;
using support::values;
using tensor::Tensor;

namespace {

/// Scores of phrases [N, 3] by a critic of two layers with a norm between them.
Variable normed_scores(const Variable& x, NormalizeOver over) {
    const Variable hidden = matmul_nn(x, Variable(smooth({3, 4}, 1)));
    const Variable gamma(support::positive({4}, 2)), beta(smooth({4}, 3));
    return matmul_nn(leaky_relu(normalize(hidden, gamma, beta, over, 1e-5).y, 0.2), Variable(smooth({4, 1}, 4)));
}

}  // namespace

TEST_CASE("9.1: slopes without a trap") {
    const Variable g = leaf(Tensor::from(Values{3, 4, 0, 0, 0, 0.5}, {3, 2}));
    const Variable s = course::slopes(g, 1e-8);
    CHECK_MESSAGE(s.shape().to_string() == "[3]", "one slope for each phrase");
    CHECK(difference(values(s), Values{std::sqrt(25 + 1e-8), 1e-4, std::sqrt(0.25 + 1e-8)}, 1e-15) == "");
    CHECK(difference(values(grad(sum(s), g)), Values{0.6, 0.8, 0, 0, 0, 1}, 1e-6) == "");
}

TEST_CASE("9.2: each phrase's own gradient") {
    const Variable x = leaf(smooth({5, 3}, 5));
    for (const auto over : {NormalizeOver::batch, NormalizeOver::layer}) {
        const Variable scores = normed_scores(x, over);
        const Values of_sum = values(grad(sum(scores), x, {.keep_graph = true}));
        const Values mine = values(course::own_gradients(scores, x));
        for (std::size_t n = 0; n < 5; ++n) {
            CAPTURE(n);
            std::vector<double> one_hot(5, 0.0);
            one_hot[n] = 1;
            const Variable g(Tensor::from(one_hot, {5, 1}));
            const Values right =
                values(*grad(std::span(&scores, 1), std::span(&x, 1), std::span(&g, 1), {.keep_graph = true})[0]);
            for (std::size_t i = 3 * n; i < 3 * n + 3; ++i) CHECK(mine[i] == doctest::Approx(right[i]).epsilon(1e-12));
        }
        // With layer norm the gradient of the sum would have done; with batch norm it does not.
        const bool alike = difference(mine, of_sum, 1e-12).empty();
        CHECK(alike == (over == NormalizeOver::layer));
    }
}

TEST_CASE("9.3: three mistakes") {
    const SmallCritic critic{.slope = 0.0};
    std::vector<Tensor> parameters = critic.parameters(3);
    parameters[1] = Tensor::full({4}, -0.1, tensor::DType::f64);
    parameters[3] = Tensor::full({5}, -0.1, tensor::DType::f64);
    const std::vector<Variable> p = leaves(parameters);
    // The first phrase is all zeros, where every unit of this critic is off.
    const tensor::Shape row{1, 9, 6, 2, 1};
    const Tensor x =
        autograd::concat({Variable(Tensor::zeros(row, tensor::DType::f64)), Variable(smooth(row, 4))}, 0).value();
    const auto scores = [&](const Variable& phrases) { return critic(phrases, p); };
    const Variable mine = course::mended_penalty(scores, x, 10.0);
    const Variable right = support::gradient_penalty(critic, x, p, 10.0);
    CHECK_MESSAGE(mine.item() == doctest::Approx(right.item()).epsilon(1e-12), "its value");
    const std::vector<Variable> weights{p[0], p[2], p[4]};
    REQUIRE_MESSAGE(mine.requires_grad(), "the weights feel the penalty");
    const auto by_mine = grad(std::span(&mine, 1), weights), by_right = grad(std::span(&right, 1), weights);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        REQUIRE(by_mine[i].has_value());
        CHECK_MESSAGE(difference(values(*by_mine[i]), values(*by_right[i]), 1e-9) == "", "its gradients");
    }
}
