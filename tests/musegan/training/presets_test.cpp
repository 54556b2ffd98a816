// What holds for every preset in each of the six models: it trains, with binary neurons too, its samples are what its
// file makes, and a resumed run equals an uninterrupted one.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "io/safetensors.hpp"
#include "musegan/music/generate.hpp"
#include "musegan/networks/presets.hpp"
#include "musegan/training/checkpoint.hpp"
#include "musegan/training/config.hpp"
#include "musegan/training/training.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
using support::message_of;
using support::state_values;

namespace {

/// A preset with its own settings and one way to end; every model meets every preset, and every end a preset.
struct PresetCase {
    const char* preset;
    Output output;
    Objective objective;
    double average;
};

const std::vector<PresetCase>& preset_cases() {
    static const std::vector<PresetCase> cases{
        {"paper", Output::stochastic, {}, 0.5},
        {"compact", Output::tanh, {}, 0.98},
        {"compact", Output::deterministic, {Loss::hinge, 10.0, PenaltySides::one}, 0.0},
        {"binary", Output::stochastic, {Loss::non_saturating, 0.0}, 0.0},
    };
    return cases;
}

TrainingSettings settings_of_case(const PresetCase& each, const ModelConfig& model) {
    RunOptions options;
    take_preset(preset_named(each.preset), options);
    TrainingSettings settings = options.settings;
    if (std::string(each.preset) == "paper") settings.model.shape.steps_per_beat = 4;
    settings.model.model = model.model;
    settings.model.condition = model.condition;
    settings.model.width = 1.0 / 64;
    settings.model.output = each.output;
    settings.objective = each.objective;
    settings.average = each.average;
    settings.batch = 2;
    settings.critic_steps = 1;
    settings.seed = 7;
    return settings;
}

Tensor phrases_of(const TrainingSettings& settings) {
    return support::small_phrases(settings.model.shape.steps_per_beat);
}

/// Values of the tensors whose names begin so.
std::vector<float> values_of(const Training& training, const std::string& prefix) {
    std::vector<float> values;
    for (const layers::NamedTensor& entry : training.state_tensors())
        if (entry.name.starts_with(prefix)) {
            const std::vector<float> part = entry.tensor.values<float>();
            values.insert(values.end(), part.begin(), part.end());
        }
    return values;
}

TrainingSettings compact_settings() {
    return settings_of_case({"compact", Output::tanh, {}, 0.0}, support::model_of(MultiTrackModel::composer));
}

TrainingSettings binary_settings(Output output) {
    return settings_of_case({"binary", output, {}, 0.0}, support::model_of(MultiTrackModel::composer));
}

}  // namespace

namespace {

/// A step, a checkpoint, another step; from the checkpoint the second step once more, and music.
void check_model(const TrainingSettings& settings) {
    support::TemporaryFolder folder;
    const Tensor data = phrases_of(settings);
    Training whole(settings, data);
    whole.step();
    save_checkpoint(folder.path(), whole, "data");
    const TrainingCounters saved = whole.counters();
    const PackedPhrases song = support::small_song(settings.model.shape.steps_per_beat);
    const GenerateOptions options{.phrases = 1, .sampling = {.seed = 4}};
    const PackedPhrases music = generate_phrases(whole.sampled_model(), options, song);
    for (const auto& file : {RunFolder(folder.path()).model(), RunFolder(folder.path()).state()}) {
        const Model loaded = load_model(file);
        CHECK(loaded.config() == whole.settings().model);
        CHECK(loaded.neuron_slope() == whole.model().neuron_slope());
        CHECK(generate_phrases(loaded, options, song) == music);
    }
    Training resumed(settings, data);
    load_checkpoint(folder.path(), resumed, "data");
    CHECK(resumed.counters() == saved);
    const StepReport report = resumed.step();
    CHECK(report.critics.size() == resumed.critics().size());
    whole.step();
    CHECK(resumed.counters() == whole.counters());
    CHECK(state_values<float>(resumed) == state_values<float>(whole));
}

/// The cases of a preset with every model.
void check_models(const std::string& preset) {
    for (const PresetCase& each : preset_cases())
        for (const ModelConfig& model : support::six_models()) {
            if (each.preset != preset) continue;
            const TrainingSettings settings = settings_of_case(each, model);
            const std::string name = fmt::format("{} {}", settings.model.name(), tensor::name_of(each.output));
            CAPTURE(name);
            check_model(settings);
        }
}

}  // namespace

// Of every preset in every model: it trains, resumes to the same bits, and its file makes the same music.
TEST_CASE("preset paper in every model trains, resumes to the same bits and plays from its file") {
    check_models("paper");
}
TEST_CASE("preset compact in every model trains, resumes to the same bits and plays from its file") {
    check_models("compact");
}
TEST_CASE("preset binary in every model trains, resumes to the same bits and plays from its file") {
    check_models("binary");
}

TEST_CASE("binary neurons make -1 and 1 in training, and stochastic ones draw from a stream of their own") {
    for (const Output output : {Output::deterministic, Output::stochastic}) {
        TrainingSettings settings = compact_settings();
        settings.model.output = output;
        Training training(settings, phrases_of(settings));
        tensor::RandomStream latents{1}, chance{2};
        const Latents z = Latents::draw(latents, 2, training.model().architecture());
        const std::vector<float> cells = training.model()(z, {}, {Mode::training, &chance}).value().values<float>();
        CHECK(std::ranges::all_of(cells, [](float cell) { return cell == -1.0f || cell == 1.0f; }));
        CHECK((chance.position > 0) == (output == Output::stochastic));
        training.step();
        CHECK((training.counters().neuron_position > 0) == (output == Output::stochastic));
        if (output == Output::stochastic)
            CHECK(message_of([&] { training.model()(z, {}, Mode::training); }) ==
                  "[model] stochastic neurons without a random stream, expected one");
    }
}

TEST_CASE(
    "the slope of neurons is growth^passes over the data, at most the steepest, and none of its business is tanh's") {
    TrainingSettings settings = compact_settings();
    settings.model.output = Output::deterministic;
    settings.neuron_growth = 2.0;
    settings.neuron_steepest = 5.0;
    Training training(settings, phrases_of(settings));
    const std::int64_t count = training.phrase_count();
    CHECK(training.model().neuron_slope() == 1.0);
    TrainingCounters counters = training.counters();
    const auto slope_at = [&](std::int64_t position) {
        counters.batch_position = position;
        training.set_counters(counters);
        return training.model().neuron_slope();
    };
    CHECK(slope_at(count - 1) == 1.0);
    CHECK(slope_at(count) == 2.0);
    CHECK(slope_at(2 * count + 1) == 4.0);
    CHECK(slope_at(3 * count) == 5.0);
    settings.model.output = Output::tanh;
    Training smooth(settings, phrases_of(settings));
    smooth.set_counters(counters);
    CHECK(smooth.model().neuron_slope() == 1.0);
}

TEST_CASE("an average of weights: average += (1 - min(decay, k / (k + 1))) (weight - average), statistics too") {
    TrainingSettings settings = compact_settings();
    settings.average = 0.6;
    settings.dtype = DType::f64;
    Training training(settings, phrases_of(settings));
    const auto tensors = [](const Model& model) {
        std::vector<double> values;
        for (const layers::NamedTensor& entry : tensors_of(model.parameters())) {
            const std::vector<double> part = entry.tensor.values<double>();
            values.insert(values.end(), part.begin(), part.end());
        }
        return values;
    };
    std::vector<double> expected = tensors(training.model());
    CHECK(tensors(training.sampled_model()) == expected);
    for (const double decay : {1.0 / 2, 0.6, 0.6}) {
        training.step();
        const std::vector<double> now = tensors(training.model());
        for (std::size_t i = 0; i < now.size(); ++i) expected[i] += (1.0 - decay) * (now[i] - expected[i]);
        CHECK(tensors(training.sampled_model()) == expected);
    }
    CHECK(tensors(training.model()) != expected);
}

TEST_CASE("clipping bounds every critic parameter after each update") {
    TrainingSettings settings = compact_settings();
    settings.objective.penalty_weight = 0;
    settings.clip = 0.0078125;
    Training training(settings, phrases_of(settings));
    const StepReport report = training.step();
    CHECK(report.critics.front().penalty == 0.0);
    CHECK(report.critics.front().slope_mean == 0.0);
    const std::vector<float> weights = values_of(training, "critic.");
    CHECK(std::ranges::all_of(weights, [](float w) { return std::abs(w) <= 0.0078125f; }));
    CHECK(std::ranges::count_if(weights, [](float w) { return std::abs(w) == 0.0078125f; }) > 0);
}

TEST_CASE(
    "two stages: the second starts from the first, with a fresh refiner and Adam, and trains it alone if frozen") {
    support::TemporaryFolder folder;
    Training first(binary_settings(Output::tanh), support::small_phrases());
    first.step();
    save_checkpoint(folder.path(), first, "data");
    for (const bool is_frozen : {true, false}) {
        CAPTURE(is_frozen);
        TrainingSettings settings = binary_settings(Output::deterministic);
        settings.freeze_generator = is_frozen;
        Training second(settings, support::small_phrases());
        start_from(RunFolder(folder.path()).model(), second);
        CHECK(values_of(second, "generator.") == values_of(first, "generator."));
        CHECK(values_of(second, "critic.") == values_of(first, "critic."));
        CHECK(second.counters().steps == 0);
        const std::vector<float> refiner = values_of(second, "refiner.");
        CHECK_FALSE(refiner.empty());
        second.step();
        CHECK((values_of(second, "generator.") == values_of(first, "generator.")) == is_frozen);
        CHECK(values_of(second, "refiner.") != refiner);
        CHECK(values_of(second, "critic.") != values_of(first, "critic."));
        const std::vector<float> moments = values_of(second, "adam.first.generator.");
        CHECK(moments.empty() == is_frozen);
    }
    Training other(compact_settings(), phrases_of(compact_settings()));
    const std::vector<float> before = state_values<float>(other);
    CHECK(message_of([&] { start_from(RunFolder(folder.path()).model(), other); }) ==
          fmt::format("[{}] holds a binary composer, expected a compact composer with the same networks",
                      RunFolder(folder.path()).model().string()));
    CHECK(state_values<float>(other) == before);
}

TEST_CASE("a fresh refiner leaves the phrase of the generator at the threshold of 0, but for what its weights add") {
    TrainingSettings settings = binary_settings(Output::deterministic);
    settings.model.width = 1.0 / 16;
    Training neurons(settings, support::small_phrases());
    settings.model.output = Output::tanh;
    Training smooth(settings, support::small_phrases());
    tensor::RandomStream stream{5};
    const Latents z = Latents::draw(stream, 2, smooth.model().architecture());
    const std::vector<float> cells = neurons.model()(z, {}, Mode::inference).value().values<float>();
    const std::vector<float> numbers = smooth.model()(z, {}, Mode::inference).value().values<float>();
    std::size_t alike = 0, on = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        alike += (cells[i] > 0) == (numbers[i] > 0);
        on += numbers[i] > 0;
    }
    CHECK(on > cells.size() / 20);
    CHECK(on < cells.size() - cells.size() / 20);
    CHECK(static_cast<double>(alike) > 0.75 * static_cast<double>(cells.size()));
}

TEST_CASE("what cannot be trained is refused, with the way out") {
    const auto refusal = [](const TrainingSettings& settings) {
        return message_of([&] { settings.validate("train"); });
    };
    TrainingSettings settings = compact_settings();
    settings.freeze_generator = true;
    CHECK(refusal(settings).starts_with(
        "[train] freeze_generator yes leaves nothing to train, expected a preset with a"));
    settings = compact_settings();
    settings.model.critic_norm = NormChoice::batch;
    CHECK(refusal(settings).starts_with("[train] batch norm in a critic under the gradient penalty: it couples the"));
    settings.allow_critic_batch_norm = true;
    CHECK_NOTHROW(Training(settings, phrases_of(settings)).step());
    settings.allow_critic_batch_norm = false;
    settings.objective.penalty_weight = 0;
    CHECK_NOTHROW(settings.validate());
    settings = compact_settings();
    settings.passes = CriticPasses::all_together;
    CHECK(message_of([&] { Training(settings, phrases_of(settings)); }) ==
          "[train] passes all_together, expected preferred, scores_together or in_turn for a critic with norms, tanh "
          "or several stacks");
}

TEST_CASE("a run can take the model of a file, and the settings of its preset where that is one of the program's") {
    support::TemporaryFolder folder;
    const auto model_taken_from = [&](const TrainingSettings& settings, const std::string& name) {
        const Training training(settings, phrases_of(settings));
        RunFolder run(folder.path() / name);
        std::filesystem::create_directory(run.path());
        save_checkpoint(run, training, "fingerprint");
        RunOptions options;
        take_model_of(run.model(), options);
        CHECK(options.settings.model == settings.model.with_lengths());
        return options;
    };
    TrainingSettings settings = compact_settings();
    settings.model.width = 0.0625;
    settings.model.condition = Condition::bass;
    const RunOptions known = model_taken_from(settings, "compact");
    CHECK(known.settings.batch == 16);
    CHECK(known.settings.average == 0.98);
    // What is no preset of the program has networks in the file, but no settings.
    settings.model.preset.name = "mine";
    const RunOptions unknown = model_taken_from(settings, "mine");
    CHECK(unknown.settings.batch == TrainingSettings{}.batch);
    CHECK(unknown.settings.average == 0);
}

TEST_CASE("a printed configuration reproduces the run, and takes every setting back") {
    RunOptions options;
    options.settings = settings_of_case(preset_cases()[2], support::model_of(MultiTrackModel::hybrid, Condition::bass));
    options.settings.seed = UINT64_MAX;
    options.settings.adam.rate = 0.1 + 0.2;
    options.steps = 7;
    options.start_at_densities = true;
    const std::string text = config_toml(options);
    RunOptions again;
    take_preset(parse_preset(text, "printed.toml"), again);
    CHECK(config_toml(again) == text);
    CHECK(again.settings.model == options.settings.model);
    CHECK(again.settings.seed == UINT64_MAX);
    CHECK(again.settings.adam.rate == 0.1 + 0.2);
    CHECK(again.steps == 7);
    Training one(options.settings, phrases_of(options.settings)), two(again.settings, phrases_of(again.settings));
    one.step();
    two.step();
    CHECK(state_values<float>(one) == state_values<float>(two));
    CHECK(message_of([&] {
              RunOptions fresh;
              take_preset(parse_preset(preset_toml(preset_named("compact"), "batches = 4\n"), "mine.toml"), fresh);
          }).starts_with("[mine.toml:7] unknown key 'batches', expected one of model, "));
}

TEST_CASE("resuming with other networks is refused by the names of the presets") {
    support::TemporaryFolder folder;
    TrainingSettings settings = compact_settings();
    save_checkpoint(folder.path(), Training(settings, phrases_of(settings)), "data");
    settings.model.preset.name = "mine";
    CHECK(message_of([&] { require_same_settings(folder.path(), settings); }) ==
          fmt::format("[{}] networks is those of preset 'compact' in this run, now those of preset 'mine' (resume with "
                      "the settings the run began with)",
                      RunFolder(folder.path()).state().string()));
}
