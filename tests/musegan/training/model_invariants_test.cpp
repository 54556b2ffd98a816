// What holds for each of the six models: determinism, resuming, memory, reports.
#include <doctest/doctest.h>

#include <cmath>
#include <set>
#include <string>

#include "musegan/music/generate.hpp"
#include "musegan/training/checkpoint.hpp"
#include "musegan/training/training.hpp"
#include "tensor/arena.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/threads.hpp"

using namespace musegan;
using support::six_models;
using support::small_phrases;
using support::small_settings_of;
using support::state_values;

TEST_CASE("all models: the same seed gives the same bits for any number of threads") {
    for (const ModelConfig& model : six_models()) {
        CAPTURE(model.name());
        const auto run = [&](int threads) {
            const support::ThreadCount count(threads);
            Training training(small_settings_of(model), small_phrases());
            training.step();
            return state_values<float>(training);
        };
        const std::vector<float> one = run(1), three = run(3);
        CHECK(one == three);
    }
}

TEST_CASE("all models: a resumed run equals an uninterrupted one, bit for bit, and its file gives the same music") {
    for (const ModelConfig& model : six_models()) {
        CAPTURE(model.name());
        support::TemporaryFolder folder;
        const TrainingSettings settings = small_settings_of(model);
        Training whole(settings, small_phrases()), first(settings, small_phrases());
        for (Training* each : {&whole, &whole, &first}) each->step();
        save_checkpoint(folder.path(), first, "data");
        Training second(settings, small_phrases());
        load_checkpoint(folder.path(), second, "data");
        CHECK(second.counters() == first.counters());
        const Model loaded = load_model(RunFolder(folder.path()).model());
        CHECK(loaded.config() == first.model().config());
        CHECK(loaded.config() == first.settings().model);
        const PackedPhrases song = support::small_song();
        const GenerateOptions options{.phrases = 2, .sampling = {.seed = 4, .binarize = Binarize::bernoulli}};
        CHECK(generate_phrases(loaded, options, song) == generate_phrases(first.model(), options, song));
        second.step();
        CHECK(second.counters() == whole.counters());
        CHECK(state_values<float>(second) == state_values<float>(whole));
    }
}

TEST_CASE("all models: the dry run predicts the peak memory of a step to a tenth") {
    for (const ModelConfig& model : six_models()) {
        CAPTURE(model.name());
        const TrainingSettings settings = small_settings_of(model);
        const auto predicted = static_cast<double>(predicted_peak_bytes(settings, small_phrases().shape()[0]));
        tensor::Arena& arena = tensor::arena(tensor::Device::cpu());
        const std::int64_t before = arena.statistics().in_use;
        arena.reset_peak();
        Training training(settings, small_phrases());
        training.step();
        const auto measured = static_cast<double>(arena.statistics().peak - before);
        CAPTURE(predicted);
        CAPTURE(measured);
        CHECK(predicted > 0.9 * measured);
        CHECK(predicted < 1.1 * measured);
        training.step();
        const std::int64_t early = arena.statistics().in_use;
        training.step();
        CHECK(arena.statistics().in_use == early);
    }
}

TEST_CASE("all models: a report has a row per critic, and the parameters stand in the state once each") {
    for (const ModelConfig& model : six_models()) {
        CAPTURE(model.name());
        Training training(small_settings_of(model), small_phrases());
        const StepReport report = training.step();
        REQUIRE(report.critics.size() == training.critics().size());
        double wasserstein = 0, generator_loss = 0;
        for (std::size_t k = 0; k < report.critics.size(); ++k) {
            const CriticReport& row = report.critics[k];
            CHECK(row.name == training.critics()[k].name());
            CHECK(row.critic_loss() == row.fake_score - row.real_score + row.penalty);
            CHECK(row.slope_mean > 0.0);
            wasserstein += row.wasserstein();
            generator_loss += row.generator_loss;
        }
        CHECK(report.wasserstein() == wasserstein);
        CHECK(report.generator_loss() == generator_loss);
        std::set<std::string> names;
        for (const layers::NamedTensor& entry : training.state_tensors()) CHECK(names.insert(entry.name).second);
        const bool has_encoder = names.contains("encoder.conv7.weight");
        CHECK(has_encoder == (model.condition != Condition::none));
        CHECK(names.contains("adam.first.encoder.conv7.weight") == has_encoder);
    }
}

TEST_CASE("all models: a rehearsal counts the arithmetic of the updates") {
    for (const ModelConfig& model : six_models()) {
        CAPTURE(model.name());
        TrainingSettings settings = small_settings_of(model);
        settings.model.width = 0.5;
        const Training training(settings, small_phrases());
        double forward = 0;
        for (const Critic& critic : training.critics()) forward += critic.flops(settings.batch);
        const double made = training.model().flops(settings.batch);
        const Rehearsal cost = rehearse(settings, 1);
        // Ten passes of the critics and one of the model, less the gradients of phrases that the scores' terms do not
        // ask for, with elementwise work beside the products.
        CHECK(cost.critic_update_flops > 9.6 * forward + made);
        CHECK(cost.critic_update_flops < 10.2 * forward + 1.2 * made);
        // Two passes of the critics (forward, and the gradient of phrases), three of the model.
        CHECK(cost.generator_update_flops > 2 * forward + 2.5 * made);
        CHECK(cost.generator_update_flops < 2.5 * forward + 4.5 * made);
    }
}

TEST_CASE("all models: a start at densities sets the bias of every track that is made") {
    for (const ModelConfig& model : six_models()) {
        CAPTURE(model.name());
        TrainingSettings settings = small_settings_of(model);
        settings.dtype = DType::f64;
        Training training(settings, small_phrases());
        training.start_at_densities(std::vector<double>{50.0, 2.0, 30.0, 10.0, 12.5});
        std::vector<double> means;
        for (const OutputShift& output : training.model().output_shifts())
            for (const double value : output.shift.value().values<double>()) means.push_back(std::tanh(value));
        std::vector<double> expected;
        for (const int track : training.model().architecture().made_tracks())
            expected.push_back(std::vector<double>{0.0, -0.96, -0.4, -0.8, -0.75}[static_cast<std::size_t>(track)]);
        REQUIRE(means.size() == expected.size());
        for (std::size_t i = 0; i < means.size(); ++i) CHECK(std::abs(means[i] - expected[i]) < 1e-14);
    }
}

TEST_CASE("all models: every parameter moves in a step, of the encoder and of every track") {
    for (const ModelConfig& model : six_models()) {
        CAPTURE(model.name());
        TrainingSettings settings = small_settings_of(model);
        settings.dtype = DType::f64;
        settings.model.width = 1.0 / 16;
        Training training(settings, small_phrases());
        const Training untrained(settings, small_phrases());
        training.step();
        layers::Parameters now = parameters_of(training.critics()), then = parameters_of(untrained.critics());
        now.append(training.model().parameters());
        then.append(untrained.model().parameters());
        REQUIRE(now.trainable.size() == then.trainable.size());
        std::set<std::string> names;
        for (const layers::Parameter& parameter : now.trainable) names.insert(parameter.name);
        for (std::size_t i = 0; i < now.trainable.size(); ++i) {
            const std::string& name = now.trainable[i].name;
            CAPTURE(name);
            // The last bias moves the scores of real and generated phrases alike, and what a bias adds in front of a
            // norm, the norm takes away.
            if (name.ends_with("dense2.bias")) continue;
            if (name.ends_with(".bias") && names.contains(name.substr(0, name.size() - 4) + "norm.gamma")) continue;
            CHECK(now.trainable[i].variable.value().values<double>() !=
                  then.trainable[i].variable.value().values<double>());
        }
    }
}
