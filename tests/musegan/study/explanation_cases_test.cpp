#include "tests/musegan/study/explanation_cases.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "autograd/grad.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/reduce.hpp"
#include "tests/support/fixture.hpp"

namespace {

using support::mismatch;

/// Relative to each number. Sums of K terms differ by K eps of their magnitudes (compare.hpp): for the longest, over
/// 48,384 rows of a weight gradient, by 1e-11.
constexpr double tolerance = 1e-10;

double norm(const tensor::Tensor& x) { return std::sqrt(tensor::sum(tensor::multiply(x, x)).item()); }

double mean(const std::vector<double>& numbers) {
    double sum = 0;
    for (const double number : numbers) sum += number;
    return sum / static_cast<double>(numbers.size());
}

std::vector<double> scores_of(const musegan::Critic& critic, const tensor::Tensor& phrases) {
    const autograd::NoGrad no_grad;
    const autograd::Variable scores = critic(autograd::Variable(phrases));
    return scores.value().values<double>();
}

/// Slopes, penalty, mean scores, and the norm of the whole gradient of each parameter.
std::string update_mismatch(const support::Fixture& fixture, const std::string& name, const musegan::Critic& critic,
                            const musegan::CriticGradients& update) {
    std::string differences =
        mismatch("slopes", update.slopes.values<double>(), fixture.values(name + "/slopes"), 0, tolerance);
    const std::vector<double> numbers{update.penalty.item(), update.real_score.item(), update.fake_score.item()};
    const std::vector<double> expected{fixture.values(name + "/penalty").at(0), mean(fixture.row(name + "/scores", 1)),
                                       mean(fixture.row(name + "/scores", 2))};
    differences += mismatch("penalty, real and fake score", numbers, expected, 0, tolerance);
    const auto& parameters = critic.parameters().trainable;
    if (fixture.values(name + "/parameter_norms").size() != 4 * parameters.size())
        return differences + "another number of parameters\n";
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const double whole = fixture.row(name + "/parameter_norms", static_cast<std::int64_t>(i))[3];
        differences +=
            mismatch(parameters[i].name, std::vector{norm(update.gradients[i])}, std::vector{whole}, 0, tolerance);
    }
    return differences;
}

}  // namespace

TEST_CASE("explanation: critic updates of the six models are those that PyTorch walks through") {
    const support::Fixture fixture(support::explanation_fixture);
    for (const support::ExplanationCase& c : support::explanation_cases) {
        CAPTURE(c.name);
        const musegan::Critic critic = support::explanation_critic(c);
        const musegan::CriticBatch batch = support::explanation_batch(critic);
        const std::array phrases{batch.interpolated(), batch.real, batch.fake};
        for (std::size_t k = 0; k < phrases.size(); ++k) {
            CAPTURE(k);
            const std::vector<double> expected =
                fixture.row(c.name + std::string("/scores"), static_cast<std::int64_t>(k));
            CHECK(mismatch("scores", scores_of(critic, phrases[k]), expected, 0, tolerance) == "");
        }
        const musegan::CriticGradients update =
            musegan::critic_gradients(critic, batch, {}, musegan::CriticPasses::in_turn);
        CHECK(update_mismatch(fixture, c.name, critic, update) == "");
    }
}
