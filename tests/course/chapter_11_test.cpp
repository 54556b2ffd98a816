// Chapter 11: MuseGAN's own critic.
#include "chapter_11.hpp"

#include <doctest/doctest.h>

#include "autograd/grad.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/random.hpp"
#include "tests/support/compare.hpp"

using musegan::Critic;
using musegan::ModelConfig;
using musegan::Variable;
using tensor::DType;
using tensor::Tensor;

namespace {

/// The paper's critic at a 32nd of its width, on phrases of 16 steps per bar.
ModelConfig narrow() {
    ModelConfig config;
    config.width = 1.0 / 32;
    config.shape.steps_per_beat = 4;
    return config;
}

Critic critic_of(const ModelConfig& config) {
    tensor::RandomStream stream{5};
    return musegan::make_critics(config, stream, DType::f64).front();
}

musegan::CriticBatch random_batch(const ModelConfig& config) {
    tensor::RandomStream stream{3};
    const tensor::Shape shape{3, config.shape.steps(), config.shape.pitches, config.shape.tracks, 1};
    const auto draw = [&](const tensor::Shape& s) { return tensor::random_uniform(stream, s, DType::f64); };
    return {draw(shape), draw(shape), draw({3})};
}

/// Largest difference, as a share of the largest expected value.
double relative_difference(const Tensor& got, const Tensor& expected) {
    const auto mine = got.values<double>(), right = expected.values<double>();
    double worst = 0, largest = 0;
    for (std::size_t i = 0; i < right.size(); ++i) {
        worst = std::max(worst, std::abs(mine.at(i) - right[i]));
        largest = std::max(largest, std::abs(right[i]));
    }
    return largest == 0 ? worst : worst / largest;
}

}  // namespace

TEST_CASE("11.1: a critic update of your own") {
    const ModelConfig config = narrow();
    const Critic critic = critic_of(config);
    const musegan::CriticBatch batch = random_batch(config);
    const auto right = musegan::critic_gradients(critic, batch).gradients;
    const auto mine = course::critic_gradients(critic, batch.real, batch.fake, batch.alpha, 10.0);
    REQUIRE(mine.size() == right.size());
    for (std::size_t i = 0; i < right.size(); ++i) {
        CAPTURE(critic.parameters().trainable[i].name);
        CHECK(relative_difference(mine[i], right[i]) < 1e-9);
    }
}

TEST_CASE("11.2: a critic that bends") {
    const ModelConfig config = course::with_activation(narrow(), layers::Activation::tanh);
    CHECK_MESSAGE(config.preset.generator == narrow().preset.generator, "the generator stays as it is");
    const Critic critic = critic_of(config);
    CHECK_MESSAGE(!critic.takes_parts(), "tanh takes no batch in parts");
    const Variable slopes = musegan::critic_slopes(critic, random_batch(config).interpolated());
    const Variable penalty = musegan::gradient_penalty(slopes, {});
    const auto found = autograd::grad(std::span(&penalty, 1), critic.parameters().variables());
    // Every bias but the last score's.
    for (std::size_t i = 0; i + 1 < found.size(); ++i) {
        CAPTURE(critic.parameters().trainable[i].name);
        CHECK(found[i].has_value());
    }
    CHECK_FALSE(found.back().has_value());
}

TEST_CASE("11.3: the first steps of a narrow critic") {
    const ModelConfig config = narrow();
    const Critic critic = critic_of(config);
    const Variable slopes = musegan::critic_slopes(critic, random_batch(config).interpolated());
    const course::FirstSteps mine = course::first_steps();
    for (const double slope : slopes.value().values<double>())
        CHECK_MESSAGE((mine.slope == doctest::Approx(slope).epsilon(1e-3).scale(0)), "the slope");
    const double penalty = musegan::gradient_penalty(slopes, {}).item();
    CHECK_MESSAGE((mine.penalty == doctest::Approx(penalty).epsilon(1e-5).scale(0)), "the penalty");
}
