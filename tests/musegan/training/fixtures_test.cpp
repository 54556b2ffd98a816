// Critic, generator, penalty and whole training steps against PyTorch in f64.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "autograd/grad.hpp"
#include "musegan/phrase/pianoroll.hpp"
#include "musegan/training/training.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tests/musegan/training/replay.hpp"
#include "tests/support/fixture.hpp"

namespace {

using autograd::Variable;
using musegan::Critic;
using musegan::Mode;
using musegan::Model;
using musegan::ModelConfig;
using support::Fixture;
using support::has_zero_gradient;
using support::losses_of;
using support::Replay;
using support::symmetric;
using support::within;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

/// The parameters that the script draws for a model under `label`.
void put_parameters(const std::string& label, const layers::Parameters& parameters) {
    for (const layers::Parameter& parameter : parameters.trainable) {
        const std::string& name = parameter.name;
        const Shape& shape = parameter.variable.shape();
        const int gain = name.find("dense") != std::string::npos ? 1 : 2;
        const int exponent = name.ends_with("weight")  ? gain - support::halvings(support::fan_in(shape))
                             : name.ends_with("gamma") ? -1
                                                       : -3;
        const Tensor value = symmetric(label + "/" + name + ".value", shape, exponent);
        support::put(name.ends_with("gamma") ? tensor::affine(value, 1.0, 1.0) : value, parameter.variable.value());
    }
}

Critic make_critic(const std::string& label, double width) {
    tensor::RandomStream random{};
    ModelConfig config;
    config.width = width;
    Critic critic = musegan::make_critics(config, random, DType::f64).front();
    put_parameters(label, critic.parameters());
    return critic;
}

/// Real and fake phrases and alpha under `label`.
musegan::CriticBatch make_batch(const std::string& label, std::int64_t phrases) {
    const Shape shape{phrases, musegan::paper_shape.steps(), musegan::paper_shape.pitches, musegan::n_tracks, 1};
    tensor::RandomStream stream = support::named_stream(label + "/alpha");
    return {symmetric(label + "/real", shape), symmetric(label + "/fake", shape),
            tensor::random_uniform(stream, {phrases}, DType::f64)};
}

/// The penalty, and its gradient for every weight; none reaches a bias.
void check_penalty(const Fixture& fixture, const std::string& label, const Critic& critic,
                   const musegan::CriticBatch& batch) {
    const Variable slopes = musegan::critic_slopes(critic, batch.interpolated());
    const Variable penalty = musegan::gradient_penalty(slopes, musegan::Objective{});
    CHECK(fixture.mismatch(label + "/slopes", slopes.value()) == "");
    CHECK(fixture.mismatch(label + "/penalty", penalty.value()) == "");
    const auto gradients = autograd::grad(std::span(&penalty, 1), critic.parameters().variables());
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        const std::string& name = critic.parameters().trainable[i].name;
        CAPTURE(name);
        if (name.ends_with("bias")) {
            CHECK_FALSE(gradients[i].has_value());
        } else {
            REQUIRE(gradients[i].has_value());
            CHECK(fixture.mismatch(label + "/penalty/" + name, gradients[i]->value()) == "");
        }
    }
}

}  // namespace

TEST_CASE("fixtures: the penalty and the whole critic loss at an eighth of the width") {
    const Fixture fixture("models");
    const Critic critic = make_critic("eighth", 1.0 / 8);
    const musegan::CriticBatch batch = make_batch("eighth", 3);
    check_penalty(fixture, "eighth", critic, batch);

    const musegan::CriticGradients result = musegan::critic_gradients(critic, batch);
    CHECK(fixture.mismatch("eighth/real_score", result.real_score) == "");
    CHECK(fixture.mismatch("eighth/fake_score", result.fake_score) == "");
    CHECK(fixture.mismatch("eighth/penalty", result.penalty) == "");
    CHECK(fixture.mismatch("eighth/slopes", result.slopes) == "");
    // The last bias moves both scores alike: its gradient is 0 on both sides, so it has no relative error.
    for (std::size_t i = 0; i < result.gradients.size(); ++i) {
        const std::string& name = critic.parameters().trainable[i].name;
        CHECK(fixture.mismatch("eighth/loss/" + name, result.gradients[i]) == "");
    }
}

TEST_CASE("fixtures: the penalty at full width") {
    check_penalty(Fixture("models"), "full", make_critic("full", 1.0), make_batch("full", 2));
}

TEST_CASE("fixtures: the generator at full width") {
    const Fixture fixture("models");
    tensor::RandomStream random{};
    const Model model({}, random, DType::f64);
    put_parameters("generator", model.parameters());
    const musegan::Latents latents{{symmetric("generator/shared", {2, 64}), symmetric("generator/temporal", {2, 64})}};

    const Variable y = model(latents, {}, Mode::training);
    const Variable g(symmetric("generator/g.value", y.shape()));
    const auto gradients = autograd::grad(std::span(&y, 1), model.parameters().variables(), std::span(&g, 1));
    CHECK(fixture.mismatch("generator/y", y.value()) == "");
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        const std::string& name = model.parameters().trainable[i].name;
        CAPTURE(name);
        REQUIRE(gradients[i].has_value());
        if (has_zero_gradient(name, model.parameters())) {
            CHECK(within(gradients[i]->value(), 1e-10));  // sums of order 100 that cancel
        } else {
            CHECK(fixture.mismatch("generator/gradient/" + name, gradients[i]->value()) == "");
        }
    }
    for (const layers::NamedTensor& statistic : model.parameters().statistics)
        CHECK(fixture.mismatch("generator/statistics/" + statistic.name, statistic.tensor) == "");
    CHECK(fixture.mismatch("generator/inference", model(latents, {}, Mode::inference).value()) == "");
}

namespace {

constexpr std::int64_t run_critic_steps = 5, run_steps = 2;

musegan::TrainingSettings run_settings(DType dtype) {
    ModelConfig config;
    config.width = 1.0 / 16;
    return support::replay_settings(config, run_critic_steps, dtype);
}

/// What differs in the parameters and running statistics after update number `row` of their network.
std::string state_mismatch(const Fixture& fixture, const layers::Parameters& parameters, std::int64_t row) {
    std::string differences;
    const auto compare = [&](const std::string& parameter, const Tensor& tensor) {
        const std::string name = "state/" + parameter;
        differences += support::digest_mismatch(name, tensor, fixture.row(name, row));
    };
    for (const layers::Parameter& parameter : parameters.trainable) {
        const Tensor& value = parameter.variable.value();
        if (has_zero_gradient(parameter.name, parameters)) {
            // Adam divides a gradient of rounding alone, 1e-15 at most here, by its epsilon of 1e-8.
            if (!within(value, 1e-7 * static_cast<double>(row + 1) * run_settings(DType::f64).adam.rate))
                differences += parameter.name + " moved\n";
        } else {
            compare(parameter.name, value);
        }
    }
    for (const layers::NamedTensor& statistic : parameters.statistics) compare(statistic.name, statistic.tensor);
    return differences;
}

}  // namespace

TEST_CASE("fixtures: ten critic updates and two generator updates, state after each") {
    const Fixture fixture("run");
    Replay replay(run_settings(DType::f64));
    for (std::int64_t step = 0; step < run_steps; ++step) {
        CAPTURE(step);
        for (std::int64_t k = 0; k < run_critic_steps; ++k) {
            CAPTURE(k);
            const std::int64_t row = step * run_critic_steps + k;
            const Replay::CriticUpdate update = replay.update_critics();
            CHECK(support::digest_mismatch("fake", update.fake, fixture.row("fake", row)) == "");
            CHECK(support::mismatch("critic_losses", losses_of(update.critics.front()),
                                    fixture.row("critic_losses", row), 0, support::fixture_tolerance) == "");
            CHECK(state_mismatch(fixture, replay.critics().front().parameters(), row) == "");
        }
        const double loss = replay.update_generators().losses.front().item();
        CHECK(support::mismatch("generator_losses", std::vector<double>{loss}, fixture.row("generator_losses", step), 0,
                                support::fixture_tolerance) == "");
        CHECK(state_mismatch(fixture, replay.model().parameters(), step) == "");
    }
    CHECK(fixture.mismatch("inference", replay.infer()) == "");
}

TEST_CASE("fixtures: the losses and slopes of those updates in f32") {
    const Fixture fixture("run");
    Replay replay(run_settings(DType::f32));
    // Of each number, but of a mean score, which may cross zero, at least of the scores it is the mean of.
    constexpr double score = 0.01, tolerance = 1e-4;
    for (std::int64_t step = 0; step < run_steps; ++step) {
        CAPTURE(step);
        for (std::int64_t k = 0; k < run_critic_steps; ++k) {
            CAPTURE(k);
            const std::vector<double> expected = fixture.row("critic_losses", step * run_critic_steps + k);
            const std::vector<double> losses = losses_of(replay.update_critics().critics.front());
            CHECK(support::mismatch("critic_losses", losses, expected, score, tolerance) == "");
        }
        const std::vector<double> loss{replay.update_generators().losses.front().item()};
        const std::vector<double> expected = fixture.row("generator_losses", step);
        CHECK(support::mismatch("generator_losses", loss, expected, score, tolerance) == "");
    }
}

TEST_CASE("fixtures: Training starts alike, draws alike and arrives at the same state") {
    const Fixture fixture("run");
    musegan::Training training(run_settings(DType::f64), support::replay_data());
    for (const layers::Parameters* network :
         {&training.model().parameters(), &training.critics().front().parameters()}) {
        for (const layers::Parameter& parameter : network->trainable) {
            const Tensor& value = parameter.variable.value();
            if (parameter.name.ends_with("weight")) {
                CHECK(fixture.mismatch("start/" + parameter.name, value) == "");
            } else {
                const double start = parameter.name.ends_with("gamma") ? 1.0 : 0.0;
                for (const double each : value.values<double>()) REQUIRE(each == start);
            }
        }
        support::enlarge_weights(*network);
    }
    for (std::int64_t step = 0; step < run_steps; ++step) {
        CAPTURE(step);
        const musegan::StepReport report = training.step();
        const std::int64_t last = (step + 1) * run_critic_steps - 1;
        const std::vector<double> losses{report.critic_loss(), report.critics[0].real_score,
                                         report.critics[0].fake_score, report.critics[0].penalty};
        const std::vector<double> expected = fixture.row("critic_losses", last);
        CHECK(support::mismatch("critic_losses", losses, std::span(expected).first(4), 0, support::fixture_tolerance) ==
              "");
        CHECK(support::mismatch("generator_losses", std::vector<double>{report.generator_loss()},
                                fixture.row("generator_losses", step), 0, support::fixture_tolerance) == "");
        double mean = 0, variance = 0;
        for (std::size_t i = 4; i < expected.size(); ++i) mean += expected[i] / 3;
        for (std::size_t i = 4; i < expected.size(); ++i) variance += (expected[i] - mean) * (expected[i] - mean) / 3;
        CHECK(support::mismatch(
                  "slopes", std::vector<double>{report.critics[0].slope_mean, report.critics[0].slope_deviation},
                  std::vector<double>{mean, std::sqrt(variance)}, mean, support::fixture_tolerance) == "");
        CHECK(state_mismatch(fixture, training.critics().front().parameters(), last) == "");
        CHECK(state_mismatch(fixture, training.model().parameters(), step) == "");
    }
}
