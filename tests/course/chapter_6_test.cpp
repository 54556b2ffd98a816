// Chapter 6: the gradient penalty, by hand.
#include "chapter_6.hpp"

#include <doctest/doctest.h>

#include "tests/autograd/critic.hpp"
#include "tests/autograd/results.hpp"
#include "tests/support/compare.hpp"

using autograd::Variable;
using support::difference;
using support::leaf;
using support::leaves;
using support::SmallCritic;
using support::values;
using support::Values;
using tensor::Tensor;

namespace {

Variable matrix(const Values& v, const tensor::Shape& shape) { return leaf(Tensor::from(v, shape)); }

/// The slopes of a linear critic D(x) = <w, x>: |w| at every x; here [3], for three phrases.
Variable slopes_of(const Variable& w) {
    const Variable row = square_root(sum(square(w)));
    return broadcast_to(row, {3});
}

}  // namespace

TEST_CASE("6.1: the penalty of another critic, by hand") {
    // The critic of chapter 6 with v = (2, 4).
    const Variable w = matrix({1, 2, 3, 1}, {2, 2}), b = leaf(Values{0.5, -0.5}), v = matrix({2, 4}, {2, 1}),
                   c = leaf(Values{0.25}), x = matrix({-1, 1}, {1, 2});
    const Variable score = matmul_bias_leaky_relu(matmul_bias_leaky_relu(x, w, b, 0.5), v, c, 1.0);
    const Variable g = grad(sum(score), x, {.create_graph = true});
    const Variable slope = square_root(sum(square(g)));
    const Variable penalty = scale(square(affine(slope, 1.0, -1.0)), 10.0);
    const std::vector<Variable> wanted{w, v, g};
    const auto found = grad(std::span(&penalty, 1), wanted);

    const course::ByHand mine = course::by_hand();
    // In brackets, so that a failure names the line that is wrong and not what would be right.
    CHECK_MESSAGE((mine.score == score.item()), "the score D");
    CHECK_MESSAGE((difference(mine.g, values(g)) == ""), "the gradient g");
    CHECK_MESSAGE((mine.slope == slope.item()), "the slope s");
    CHECK_MESSAGE((mine.penalty == penalty.item()), "the penalty P");
    CHECK_MESSAGE((difference(mine.h, values(*found[2]), 1e-12) == ""), "h = dP/dg");
    CHECK_MESSAGE((difference(mine.by_w, values(*found[0]), 1e-12) == ""), "dP/dW");
    CHECK_MESSAGE((difference(mine.by_v, values(*found[1]), 1e-12) == ""), "dP/dv");
}

TEST_CASE("6.2: a penalty of one side") {
    for (const Values& at : {Values{3, 4}, Values{0.3, 0.4}, Values{0.6, 0.8}}) {
        CAPTURE(at[0]);
        const Variable w = leaf(at);
        const double slope = std::sqrt(at[0] * at[0] + at[1] * at[1]), above = std::max(0.0, slope - 1);
        const Variable penalty = course::one_sided_penalty(slopes_of(w), 10.0);
        CHECK(penalty.item() == doctest::Approx(10 * above * above));
        const Values by_rule = values(grad(penalty, w)), by_hand = course::one_sided_gradient(at, 10.0);
        CHECK_MESSAGE(difference(by_rule, by_hand, 1e-12) == "", "by the sweep and by your formula");
        CHECK(difference(by_hand, Values{20 * above * at[0] / slope, 20 * above * at[1] / slope}, 1e-12) == "");
    }
}

TEST_CASE("6.3: the penalty of any critic") {
    const SmallCritic critic;
    const std::vector<Variable> p = leaves(critic.parameters(1));
    const auto of_phrases = [&](const Variable& x) { return critic(x, p); };
    for (const std::int64_t phrases : {1, 4}) {
        CAPTURE(phrases);
        const Tensor x = support::smooth(critic.phrases_shape(phrases), 2);
        const Variable mine = course::gradient_penalty(of_phrases, x, 10.0);
        const Variable right = support::gradient_penalty(critic, x, p, 10.0);
        CHECK_MESSAGE(difference(Values{mine.item()}, Values{right.item()}, 1e-9) == "", "its value");
        const std::vector<Variable> weights{p[0], p[2], p[4]};
        const auto by_mine = grad(std::span(&mine, 1), weights), by_right = grad(std::span(&right, 1), weights);
        for (std::size_t i = 0; i < weights.size(); ++i) {
            REQUIRE_MESSAGE(by_mine[i].has_value(), "weights feel the penalty");
            CHECK_MESSAGE(difference(values(*by_mine[i]), values(*by_right[i]), 1e-11) == "", "its gradients");
        }
    }
}
