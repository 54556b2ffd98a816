// A training step: schedule, determinism, what a resume carries over, what stops a run.
#include "musegan/training/training.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "musegan/data/song.hpp"
#include "musegan/data/synth.hpp"
#include "musegan/phrase/pianoroll.hpp"
#include "musegan/training/checkpoint.hpp"
#include "tensor/arena.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/threads.hpp"

using namespace musegan;
using support::message_of;
using support::small_phrases;
using support::small_settings;
using support::state_values;

TEST_CASE("the 2017 schedule trains the critic 100 times at the start and at every 500th step") {
    TrainingSettings settings = small_settings();
    settings.schedule = CriticSchedule::published_2017;
    CHECK(settings.critic_updates(0) == 100);
    CHECK(settings.critic_updates(24) == 100);
    CHECK(settings.critic_updates(25) == settings.critic_steps);
    CHECK(settings.critic_updates(499) == settings.critic_steps);
    CHECK(settings.critic_updates(500) == 100);
    settings.schedule = CriticSchedule::constant;
    CHECK(settings.critic_updates(0) == settings.critic_steps);
}

TEST_CASE("the same seed gives the same bits, for any number of threads") {
    const auto run = [](int threads) {
        const support::ThreadCount count(threads);
        Training training(small_settings(), small_phrases());
        training.step();
        training.step();
        return state_values<float>(training);
    };
    const std::vector<float> one = run(1), two = run(2), three = run(3);
    CHECK(one == two);
    CHECK(one == three);
}

TEST_CASE("another seed gives other weights") {
    TrainingSettings other = small_settings();
    other.seed += 1;
    const Training a(small_settings(), small_phrases()), b(other, small_phrases());
    CHECK(state_values<float>(a) != state_values<float>(b));
}

TEST_CASE("a resumed run equals an uninterrupted one, bit for bit") {
    support::TemporaryFolder folder;
    Training whole(small_settings(), small_phrases());
    for (int i = 0; i < 4; ++i) whole.step();

    Training first(small_settings(), small_phrases());
    first.step();
    first.step();
    save_checkpoint(folder.path(), first, "data");
    Training second(small_settings(), small_phrases());
    load_checkpoint(folder.path(), second, "data");
    CHECK(second.counters() == first.counters());
    second.step();
    const StepReport last = second.step();
    CHECK(last.step == 4);
    CHECK(state_values<float>(second) == state_values<float>(whole));
}

TEST_CASE("a step is its updates one after the other") {
    Training whole(small_settings(), small_phrases()), parts(small_settings(), small_phrases());
    whole.step();
    for (int k = 0; k < small_settings().critic_steps; ++k) parts.update_critic();
    parts.update_generator();
    CHECK(parts.counters() == whole.counters());
    CHECK(state_values<float>(parts) == state_values<float>(whole));
}

TEST_CASE("a step's numbers hang together") {
    Training training(small_settings(), small_phrases());
    const StepReport report = training.step();
    CHECK(report.step == 1);
    REQUIRE(report.critics.size() == 1);
    const CriticReport& critic = report.critics.front();
    CHECK(critic.name == "");
    CHECK(report.wasserstein() == critic.real_score - critic.fake_score);
    CHECK(report.critic_loss() == critic.fake_score - critic.real_score + critic.penalty);
    CHECK(critic.penalty >= 0.0);
    CHECK(critic.slope_mean > 0.0);
    CHECK(critic.slope_deviation >= 0.0);
}

TEST_CASE("memory in use is the same after step 2 and step 6: nothing accumulates") {
    Training training(small_settings(), small_phrases());
    training.step();
    training.step();
    const std::int64_t early = tensor::arena(tensor::Device::cpu()).statistics().in_use;
    for (int i = 0; i < 4; ++i) training.step();
    CHECK(tensor::arena(tensor::Device::cpu()).statistics().in_use == early);
}

TEST_CASE("the dry run predicts the peak memory of a step to a tenth") {
    const TrainingSettings settings = small_settings();
    const std::int64_t predicted = predicted_peak_bytes(settings, small_phrases().shape()[0]);
    tensor::Arena& arena = tensor::arena(tensor::Device::cpu());
    const std::int64_t before = arena.statistics().in_use;
    arena.reset_peak();
    Training training(settings, small_phrases());
    training.step();
    const auto measured = static_cast<double>(arena.statistics().peak - before);
    CHECK(static_cast<double>(predicted) > 0.9 * measured);
    CHECK(static_cast<double>(predicted) < 1.1 * measured);
}

TEST_CASE("a parameter that is not finite stops the run and is named") {
    Training training(small_settings(), small_phrases());
    for (const layers::NamedTensor& entry : training.state_tensors())
        if (entry.name == "critic.conv3.weight") {
            tensor::Tensor weight = entry.tensor;
            weight.data<float>()[5] = std::numeric_limits<float>::quiet_NaN();
        }
    const std::string message = message_of([&] { training.step(); });
    CHECK(message.find("critic.") != std::string::npos);
    CHECK(message.find("is not finite at step 1") != std::string::npos);
    CHECK(message.find("--rate") != std::string::npos);
}

TEST_CASE("settings out of range are refused with the fact and what was expected") {
    const auto refused = [](auto&& change) {
        TrainingSettings settings = small_settings();
        change(settings);
        return message_of([&] { Training training(settings, small_phrases()); });
    };
    CHECK(refused([](TrainingSettings& s) { s.batch = 1; }).find("batch 1, expected 2 to 65536") != std::string::npos);
    CHECK(refused([](TrainingSettings& s) { s.critic_steps = 0; }).find("critic_steps 0, expected 1 to 10000") !=
          std::string::npos);
    CHECK(refused([](TrainingSettings& s) { s.adam.rate = -1; }).find("rate -1, expected more than 0 and at most 1") !=
          std::string::npos);
    CHECK(refused([](TrainingSettings& s) {
              s.model.width = 0;
          }).find("width 0, expected more than 0 and at most 16") != std::string::npos);
    CHECK(refused([](TrainingSettings& s) { s.model.width = NAN; }).find("width nan") != std::string::npos);
    CHECK(refused([](TrainingSettings& s) { s.dtype = DType::u8; }).find("dtype u8, expected f32 or f64") !=
          std::string::npos);
    CHECK(refused([](TrainingSettings& s) { s.model.shape.bars = 8; }).find("phrases of 8 bars, expected 4") !=
          std::string::npos);
    CHECK(refused([](TrainingSettings& s) {
              s.model.shape.steps_per_beat = 12;
          }).find("expected u8 [N, 10080] for a model of 4 bars, 12 steps per beat") != std::string::npos);
    CHECK(message_of([] {
              Training training(small_settings(), tensor::Tensor::zeros({2, 7}, tensor::DType::u8));
          }).find("expected u8 [N, 20160]") != std::string::npos);
}

TEST_CASE("tf32 is refused where no tensor core is, before anything is allocated") {
    TrainingSettings settings = small_settings();
    settings.execution.precision = tensor::Precision::tf32;
    CHECK(message_of([&] { Training training(settings, small_phrases()); }).find("tf32 on cpu") != std::string::npos);
    // A rehearsal computes nothing, and leaves the way to run operators as it was.
    CHECK(predicted_peak_bytes(settings, 10) == predicted_peak_bytes(small_settings(), 10));
    CHECK(tensor::execution() == tensor::Execution{});
}

TEST_CASE("a moment that is not finite is found by one look at all state tensors, and is named") {
    Training training(small_settings(), small_phrases());
    for (const layers::NamedTensor& entry : training.state_tensors())
        if (entry.name == "adam.second.critic.dense2.bias" || entry.name == "adam.first.critic.dense2.bias") {
            tensor::Tensor moment = entry.tensor;
            moment.data<float>()[0] = std::numeric_limits<float>::infinity();
        }
    CHECK(message_of([&] { training.step(); }).find("critic.dense2.bias is not finite at step 1") != std::string::npos);
}

TEST_CASE("a start at densities: tanh of the last bias is the mean of a track with that share of its cells on") {
    TrainingSettings settings = small_settings();
    settings.dtype = DType::f64;
    Training training(settings, small_phrases());
    training.start_at_densities(std::vector<double>{50.0, 2.0, 0.0, 100.0, 12.5});
    const std::vector<double> bias = training.model().output_shifts().front().shift.value().values<double>();
    REQUIRE(bias.size() == n_tracks);
    CHECK(bias[0] == 0.0);
    CHECK(std::tanh(bias[1]) == doctest::Approx(-0.96).epsilon(1e-12));
    CHECK(std::tanh(bias[2]) == doctest::Approx(-0.9998).epsilon(1e-12));  // a silent track: one cell in ten thousand
    CHECK(std::tanh(bias[3]) == doctest::Approx(0.9998).epsilon(1e-12));
    CHECK(std::tanh(bias[4]) == doctest::Approx(-0.75).epsilon(1e-12));
    CHECK(message_of([&] { training.start_at_densities(std::vector<double>{1.0}); }) ==
          "[train] 1 densities, expected 5, one per track");
}

TEST_CASE("a critic's batch whose shapes do not agree is refused") {
    const Training training(small_settings(), small_phrases());
    const tensor::Shape shape{2, paper_shape.steps(), paper_shape.pitches, n_tracks, 1};
    const CriticBatch batch{Tensor::zeros(shape), Tensor::zeros(shape), Tensor::zeros({2})};
    CHECK_NOTHROW(batch.validate());
    const auto refusal = [&](const CriticBatch& wrong) {
        return message_of([&] { critic_gradients(training.critics().front(), wrong); });
    };
    CHECK(refusal({batch.real, Tensor::zeros({3, paper_shape.steps(), paper_shape.pitches, n_tracks, 1}), batch.alpha})
              .find("expected equal shapes") != std::string::npos);
    CHECK(refusal({batch.real, batch.fake, Tensor::zeros({3})}).find("alpha is [3], expected [2]") !=
          std::string::npos);
    CHECK(refusal({batch.real, batch.fake, {}}).find("critic_gradients") != std::string::npos);
}
