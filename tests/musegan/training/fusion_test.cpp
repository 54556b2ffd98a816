// The critic with its first two layers as one operator: the same gradients, the same training, less memory.
#include "tensor/fusion.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/grad.hpp"
#include "musegan/networks/presets.hpp"
#include "musegan/phrase/pianoroll.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/random.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"

using namespace musegan;
using support::small_phrases;
using support::small_settings;
using tensor::ExecutionScope;
using tensor::Fusion;

namespace {

CriticBatch random_batch() {
    tensor::RandomStream stream{3};
    const tensor::Shape shape{2, paper_shape.steps(), paper_shape.pitches, n_tracks, 1};
    const auto draw = [&](const tensor::Shape& s) { return tensor::random_uniform(stream, s, DType::f64); };
    return {draw(shape), draw(shape), draw({2})};
}

Critic small_critic() {
    tensor::RandomStream stream{5};
    return musegan::make_critics(small_settings().model, stream, DType::f64).front();
}

CriticGradients gradients_with(Fusion fusion, const Critic& critic, const CriticBatch& batch) {
    const ExecutionScope scope({.fusion = fusion});
    return critic_gradients(critic, batch);
}

/// "" if they agree to `relative` of the expected ones' largest.
std::string differ(const Tensor& got, const Tensor& expected, double relative) {
    const auto values = expected.values<double>();
    double largest = 0;
    for (const double each : values) largest = std::max(largest, std::abs(each));
    return support::difference(got.values<double>(), values, relative * largest);
}

/// Everything that two steps leave behind.
std::vector<double> trained(Fusion fusion) {
    TrainingSettings settings = small_settings();
    settings.execution.fusion = fusion;
    settings.dtype = DType::f64;
    Training training(settings, small_phrases());
    training.step();
    training.step();
    return support::state_values<double>(training);
}

std::int64_t peak_with(Fusion fusion, TrainingSettings settings) {
    settings.execution.fusion = fusion;
    return predicted_peak_bytes(settings, 10);
}

}  // namespace

TEST_CASE("a critic update's gradients are the same fused and plain") {
    const Critic critic = small_critic();
    const CriticBatch batch = random_batch();
    const CriticGradients fused = gradients_with(Fusion::always, critic, batch),
                          plain = gradients_with(Fusion::off, critic, batch);
    CHECK(differ(fused.real_score, plain.real_score, 1e-12) == "");
    CHECK(differ(fused.penalty, plain.penalty, 1e-12) == "");
    CHECK(differ(fused.slopes, plain.slopes, 1e-12) == "");
    for (std::size_t i = 0; i < plain.gradients.size(); ++i) {
        CAPTURE(critic.parameters().trainable[i].name);
        CHECK(differ(fused.gradients[i], plain.gradients[i], 1e-12) == "");
    }
}

TEST_CASE("the penalty's gradient is the same fused and plain, and none leads to a bias") {
    const Critic critic = small_critic();
    const CriticBatch batch = random_batch();
    const auto penalty_gradients = [&](Fusion fusion) {
        const ExecutionScope scope({.fusion = fusion});
        const Variable penalty = gradient_penalty(critic_slopes(critic, batch.real), Objective{});
        const bool has_pair = autograd::describe_graph(penalty).find("conv3d_pair") != std::string::npos;
        CHECK(has_pair == (fusion == Fusion::always));
        return autograd::grad(std::span(&penalty, 1), critic.parameters().variables());
    };
    const auto fused = penalty_gradients(Fusion::always), plain = penalty_gradients(Fusion::off);
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const std::string& name = critic.parameters().trainable[i].name;
        CAPTURE(name);
        REQUIRE(fused[i].has_value() == plain[i].has_value());
        CHECK(fused[i].has_value() == name.ends_with("weight"));
        if (plain[i]) CHECK(differ(fused[i]->value(), plain[i]->value(), 1e-12) == "");
    }
}

TEST_CASE(
    "a critic update's gradients are the same with real, generated and interpolated phrases in turn and as one batch") {
    const Critic critic = small_critic();
    const CriticBatch batch = random_batch();
    const auto with = [&](CriticPasses passes) { return critic_gradients(critic, batch, Objective{}, passes); };
    const CriticGradients in_turn = with(CriticPasses::in_turn);
    for (const CriticPasses passes : {CriticPasses::scores_together, CriticPasses::all_together}) {
        CAPTURE(static_cast<int>(passes));
        const CriticGradients together = with(passes);
        CHECK(differ(together.real_score, in_turn.real_score, 1e-12) == "");
        CHECK(differ(together.fake_score, in_turn.fake_score, 1e-12) == "");
        CHECK(differ(together.penalty, in_turn.penalty, 1e-12) == "");
        CHECK(differ(together.slopes, in_turn.slopes, 1e-12) == "");
        for (std::size_t i = 0; i < in_turn.gradients.size(); ++i) {
            CAPTURE(critic.parameters().trainable[i].name);
            CHECK(differ(together.gradients[i], in_turn.gradients[i], 1e-12) == "");
        }
    }
}

TEST_CASE("on a CPU few real and generated phrases are judged together, many in turn") {
    const auto preferred = [](const char* preset, int steps_per_beat, std::int64_t phrases) {
        ModelConfig config;
        config.preset = preset_named(preset);
        config.shape = paper_shape.on_grid(steps_per_beat);
        tensor::RandomStream stream{5};
        return preferred_passes(make_critics(config, stream, DType::f32).front(), phrases, tensor::Device::cpu());
    };
    CHECK(preferred("compact", 4, 16) == CriticPasses::scores_together);
    CHECK(preferred("compact", 4, 256) == CriticPasses::in_turn);
    CHECK(preferred("paper", 24, 2) == CriticPasses::in_turn);
}

TEST_CASE("two training steps leave the same numbers fused and plain") {
    CHECK(support::difference(trained(Fusion::always), trained(Fusion::off), 1e-9) == "");
}

TEST_CASE("a fused step needs less than two thirds of the plain one's memory, and plain settings fuse nothing") {
    TrainingSettings settings = small_settings();
    settings.model.width = 1.0 / 8;
    settings.batch = 8;
    settings.passes = CriticPasses::in_turn;
    // 37.0 MB and 63.9 MB; what is left is the generator's update.
    const std::int64_t fused = peak_with(Fusion::always, settings), plain = peak_with(Fusion::off, settings);
    CAPTURE(fused);
    CAPTURE(plain);
    CHECK(3 * fused < 2 * plain);
    settings.make_plain();
    CHECK(predicted_peak_bytes(settings, 10) == plain);
    CHECK(tensor::execution() == tensor::Execution{});
}
