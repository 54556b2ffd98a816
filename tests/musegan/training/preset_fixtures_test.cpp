// The presets `compact` and `binary`, and the paper's with other losses and critics, against PyTorch in f64
// (tests/fixtures/README.md, "The presets").
#include <doctest/doctest.h>

#include <array>
#include <cstdint>

#include "musegan/networks/presets.hpp"
#include "tests/musegan/training/model_checks.hpp"

namespace {

using musegan::Condition;
using musegan::Loss;
using musegan::MultiTrackModel;
using musegan::NormChoice;
using musegan::Output;
using musegan::PenaltySides;

/// What differs from the six models (model_fixtures_test.cpp).
struct Case {
    const char* fixture;
    const char* preset;
    double latent_deviation;
    MultiTrackModel model;
    Condition condition = Condition::none;
    double width;
    std::uint64_t seed = 29;
    Output output = Output::tanh;
    Loss loss = Loss::wasserstein;
    double penalty = 10.0;
    PenaltySides sides = PenaltySides::two;
    NormChoice critic_norm = NormChoice::table;
    bool freeze_generator = false;
    double clip = 0, average = 0, gain = 1;

    support::ModelCase run() const {
        musegan::ModelConfig config{model, condition, width, {}, {}};
        config.preset = musegan::preset_named(preset);
        config.shape = musegan::paper_shape.on_grid(config.preset.grids.back());
        config.latents.deviation = latent_deviation;
        config.output = output;
        config.critic_norm = critic_norm;
        musegan::TrainingSettings settings = support::replay_settings(config, support::model_critic_steps);
        settings.seed = seed;
        settings.objective = {loss, penalty, sides};
        settings.clip = clip;
        settings.average = average;
        settings.freeze_generator = freeze_generator;
        return {fixture, settings, gain};
    }
};

constexpr std::array cases{
    Case{.fixture = "compact_composer",
         .preset = "compact",
         .latent_deviation = 1.0,
         .model = MultiTrackModel::composer,
         .width = 1.0 / 4,
         .seed = 32,
         .average = 0.98},
    Case{.fixture = "compact_composer_given_drums",
         .preset = "compact",
         .latent_deviation = 1.0,
         .model = MultiTrackModel::composer,
         .condition = Condition::drums,
         .width = 1.0 / 4,
         .seed = 46,
         .penalty = 0,
         .clip = 0.25},
    Case{.fixture = "compact_jamming",
         .preset = "compact",
         .latent_deviation = 1.0,
         .model = MultiTrackModel::jamming,
         .width = 1.0 / 4,
         .output = Output::deterministic,
         .loss = Loss::non_saturating,
         .critic_norm = NormChoice::layer},
    Case{.fixture = "compact_hybrid_given_piano",
         .preset = "compact",
         .latent_deviation = 1.0,
         .model = MultiTrackModel::hybrid,
         .condition = Condition::piano,
         .width = 1.0 / 4,
         .output = Output::stochastic,
         .loss = Loss::hinge,
         .sides = PenaltySides::one,
         .gain = 4},
    Case{.fixture = "binary_composer",
         .preset = "binary",
         .latent_deviation = 1.0,
         .model = MultiTrackModel::composer,
         .width = 1.0 / 16,
         .output = Output::deterministic,
         .gain = 1.0 / 4},
    Case{.fixture = "binary_hybrid_given_bass",
         .preset = "binary",
         .latent_deviation = 1.0,
         .model = MultiTrackModel::hybrid,
         .condition = Condition::bass,
         .width = 1.0 / 8,
         .output = Output::stochastic,
         .loss = Loss::hinge,
         .gain = 1.0 / 16},
    Case{.fixture = "binary_jamming",
         .preset = "binary",
         .latent_deviation = 1.0,
         .model = MultiTrackModel::jamming,
         .width = 1.0 / 16,
         .sides = PenaltySides::one,
         .gain = 1.0 / 4},
    Case{.fixture = "binary_refined",
         .preset = "binary",
         .latent_deviation = 1.0,
         .model = MultiTrackModel::composer,
         .width = 1.0 / 16,
         .seed = 32,
         .output = Output::deterministic,
         .freeze_generator = true,
         .gain = 1.0 / 4},
    Case{.fixture = "composer_hinge",
         .preset = "paper",
         .latent_deviation = 0.1,
         .model = MultiTrackModel::composer,
         .width = 1.0 / 16,
         .seed = 40,
         .loss = Loss::hinge,
         .penalty = 0,
         .gain = 16},
    Case{.fixture = "composer_layer_norm",
         .preset = "paper",
         .latent_deviation = 0.1,
         .model = MultiTrackModel::composer,
         .width = 1.0 / 16,
         .loss = Loss::non_saturating,
         .sides = PenaltySides::one,
         .critic_norm = NormChoice::layer,
         .gain = 1.0 / 2},
};

Case case_of(const std::string& file) {
    for (const Case& c : cases)
        if (c.fixture == file) return c;
    tensor::fail("test", "no case {}", file);
}

}  // namespace

// Two tests per file, so that they run side by side.
#define TEST_FILE(file)                                                                           \
    TEST_CASE("fixtures: three critic updates and one generator update of " file) {               \
        support::check_updates(case_of(file).run());                                              \
    }                                                                                             \
    TEST_CASE("fixtures: Training starts alike, draws alike and arrives at the state of " file) { \
        support::check_training(case_of(file).run());                                             \
    }

TEST_FILE("compact_composer")
TEST_FILE("compact_composer_given_drums")
TEST_FILE("compact_jamming")
TEST_FILE("compact_hybrid_given_piano")
TEST_FILE("binary_composer")
TEST_FILE("binary_hybrid_given_bass")
TEST_FILE("binary_jamming")
TEST_FILE("binary_refined")
TEST_FILE("composer_hinge")
TEST_FILE("composer_layer_norm")

TEST_CASE("fixtures: every preset's file has its tests") { CHECK(cases.size() == 10); }

TEST_CASE("fixtures: each preset's model has as many parameters at full width as its tables say") {
    for (const Case& c : cases) {
        CAPTURE(c.fixture);
        support::check_parameter_counts(c.run());
    }
}
