// Critic, generator, penalty and whole training steps against PyTorch in f64.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "autograd/grad.hpp"
#include "musegan/phrase/pianoroll.hpp"
#include "musegan/training/training.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/interpolate.hpp"
#include "tensor/packed_bits.hpp"
#include "tests/support/fixture.hpp"

namespace {

using autograd::Variable;
using musegan::Critic;
using musegan::Mode;
using musegan::Model;
using musegan::ModelConfig;
using musegan::Stream;
using support::Fixture;
using support::symmetric;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

/// A bias in front of batch norm is taken out again with the mean: what is left of its gradient is rounding.
bool has_zero_gradient(const std::string& name) {
    return name.starts_with("generator") && name.ends_with(".bias") && name.find("conv7") == std::string::npos;
}

bool within(const Tensor& x, double bound) {
    const std::vector<double> values = x.values<double>();
    return std::all_of(values.begin(), values.end(), [&](double value) { return std::abs(value) <= bound; });
}

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
    const Variable penalty = musegan::gradient_penalty(slopes, musegan::penalty_weight);
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
        if (has_zero_gradient(name)) {
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

constexpr std::int64_t run_phrases = 7, run_critic_steps = 5, run_steps = 2;

musegan::TrainingSettings run_settings(DType dtype) {
    musegan::TrainingSettings settings;
    settings.model.width = 1.0 / 16;
    settings.batch = 3;
    settings.critic_steps = run_critic_steps;
    settings.seed = 29;
    settings.dtype = dtype;
    return settings;
}

/// Seven phrases with one cell in sixteen on, packed.
Tensor run_data() {
    tensor::RandomStream stream = support::named_stream("run/phrases");
    const std::vector<float> cells =
        tensor::random_uniform(stream, {run_phrases * musegan::paper_shape.cells()}).values<float>();
    std::vector<std::uint8_t> bytes(cells.size() / 8);
    for (std::size_t i = 0; i < cells.size(); ++i)
        if (cells[i] < 1.0f / 16) bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] | 1u << i % 8);
    return Tensor::from(bytes, {run_phrases, musegan::paper_shape.bytes()});
}

/// Fresh weights times the powers of two that make the run worth comparing (tests/fixtures/README.md, "run").
void enlarge_weights(const layers::Parameters& parameters) {
    for (const layers::Parameter& parameter : parameters.trainable) {
        if (!parameter.name.ends_with("weight")) continue;
        const Tensor& weight = parameter.variable.value();
        const int exponent = support::halvings(2500 / support::fan_in(weight.shape()));
        support::put(tensor::scale(weight, std::ldexp(1.0, exponent)), weight);
    }
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
        if (has_zero_gradient(parameter.name)) {
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

/// musegan::Training's own sequence, one update at a time.
class Replay {
  public:
    explicit Replay(DType dtype)
        : settings_(run_settings(dtype)),
          model_(settings_.model, weights_, dtype),
          critics_(musegan::make_critics(settings_.model, weights_, dtype)),
          generator_adam_(model_.parameters(), settings_.adam),
          critic_adam_(critics_.front().parameters(), settings_.adam) {
        enlarge_weights(model_.parameters());
        enlarge_weights(critics_.front().parameters());
    }

    struct CriticUpdate {
        Tensor fake;
        std::vector<double> losses;  ///< critic loss, real score, fake score, penalty, then a slope a phrase
    };
    CriticUpdate update_critic() {
        const Shape shape{settings_.batch, musegan::paper_shape.steps(), musegan::paper_shape.pitches,
                          musegan::n_tracks, 1};
        const Tensor real = tensor::unpack_rows(data_, order_.next(settings_.batch), shape, settings_.dtype);
        const Tensor fake = [&] {
            const autograd::NoGrad no_grad;
            return model_(draw(), {}, Mode::training).value();
        }();
        const Tensor alpha = tensor::random_uniform(interpolation_, {settings_.batch}, settings_.dtype);
        const musegan::CriticGradients result = musegan::critic_gradients(critics_.front(), {real, fake, alpha});
        critic_adam_.step(result.gradients);
        const double real_score = result.real_score.item(), fake_score = result.fake_score.item(),
                     penalty = result.penalty.item();
        std::vector<double> losses{musegan::critic_loss(fake_score, real_score, penalty), real_score, fake_score,
                                   penalty};
        for (const double slope : result.slopes.values<double>()) losses.push_back(slope);
        return {fake, losses};
    }
    double update_generator() {
        const musegan::GeneratorGradients result = musegan::generator_gradients(model_, critics_, draw(), {});
        generator_adam_.step(result.gradients);
        return result.losses.front().item();
    }
    musegan::Latents draw() {
        return musegan::Latents::draw(latents_, settings_.batch, model_.architecture(), settings_.dtype);
    }

    const Model& model() const { return model_; }
    const Critic& critic() const { return critics_.front(); }

  private:
    musegan::TrainingSettings settings_;
    Tensor data_ = run_data();
    tensor::RandomStream weights_ = musegan::stream_for(settings_.seed, Stream::weights),
                         latents_ = musegan::stream_for(settings_.seed, Stream::latents),
                         interpolation_ = musegan::stream_for(settings_.seed, Stream::interpolation);
    Model model_;
    std::vector<Critic> critics_;
    layers::Adam generator_adam_, critic_adam_;
    musegan::BatchOrder order_{run_phrases, settings_.seed};
};

}  // namespace

TEST_CASE("fixtures: ten critic updates and two generator updates, state after each") {
    const Fixture fixture("run");
    Replay replay(DType::f64);
    for (std::int64_t step = 0; step < run_steps; ++step) {
        CAPTURE(step);
        for (std::int64_t k = 0; k < run_critic_steps; ++k) {
            CAPTURE(k);
            const std::int64_t row = step * run_critic_steps + k;
            const Replay::CriticUpdate update = replay.update_critic();
            CHECK(support::digest_mismatch("fake", update.fake, fixture.row("fake", row)) == "");
            CHECK(support::mismatch("critic_losses", update.losses, fixture.row("critic_losses", row), 0,
                                    support::fixture_tolerance) == "");
            CHECK(state_mismatch(fixture, replay.critic().parameters(), row) == "");
        }
        const double loss = replay.update_generator();
        CHECK(support::mismatch("generator_losses", std::vector<double>{loss}, fixture.row("generator_losses", step), 0,
                                support::fixture_tolerance) == "");
        CHECK(state_mismatch(fixture, replay.model().parameters(), step) == "");
    }
    const Tensor inference = replay.model()(replay.draw(), {}, Mode::inference).value();
    CHECK(fixture.mismatch("inference", inference) == "");
}

TEST_CASE("fixtures: the losses and slopes of those updates in f32") {
    const Fixture fixture("run");
    Replay replay(DType::f32);
    // Of each number, but of a mean score, which may cross zero, at least of the scores it is the mean of.
    constexpr double score = 0.01, tolerance = 1e-4;
    for (std::int64_t step = 0; step < run_steps; ++step) {
        CAPTURE(step);
        for (std::int64_t k = 0; k < run_critic_steps; ++k) {
            CAPTURE(k);
            const std::vector<double> expected = fixture.row("critic_losses", step * run_critic_steps + k);
            const std::vector<double> losses = replay.update_critic().losses;
            CHECK(support::mismatch("critic_losses", losses, expected, score, tolerance) == "");
        }
        const std::vector<double> loss{replay.update_generator()};
        const std::vector<double> expected = fixture.row("generator_losses", step);
        CHECK(support::mismatch("generator_losses", loss, expected, score, tolerance) == "");
    }
}

TEST_CASE("fixtures: Training starts alike, draws alike and arrives at the same state") {
    const Fixture fixture("run");
    musegan::Training training(run_settings(DType::f64), run_data());
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
        enlarge_weights(*network);
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
