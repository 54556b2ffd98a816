// All six models against PyTorch in f64: three critic updates and one generator update of each, and the state after
// them (tests/fixtures/README.md, "The six models").
#include <doctest/doctest.h>

#include <array>

#include "tests/musegan/training/model_checks.hpp"

namespace {

using musegan::Condition;
using musegan::MultiTrackModel;

struct Case {
    const char* fixture;
    MultiTrackModel model;
    Condition condition;
    double width;

    support::ModelCase run() const {
        return {fixture, support::replay_settings({model, condition, width, {}, {}}, support::model_critic_steps)};
    }
};

constexpr std::array cases{
    Case{"jamming", MultiTrackModel::jamming, Condition::none, 1.0 / 16},
    Case{"jamming_given_drums", MultiTrackModel::jamming, Condition::drums, 1.0 / 8},
    Case{"composer", MultiTrackModel::composer, Condition::none, 1.0 / 16},
    Case{"composer_given_piano", MultiTrackModel::composer, Condition::piano, 1.0 / 8},
    Case{"hybrid", MultiTrackModel::hybrid, Condition::none, 1.0 / 16},
    Case{"hybrid_given_bass", MultiTrackModel::hybrid, Condition::bass, 1.0 / 8},
};

}  // namespace

TEST_CASE("fixtures: three critic updates and one generator update of each model") {
    for (const Case& c : cases) SUBCASE(c.fixture) support::check_updates(c.run());
}

TEST_CASE("fixtures: Training of each model starts alike, draws alike and arrives at the same state") {
    for (const Case& c : cases) SUBCASE(c.fixture) support::check_training(c.run());
}

TEST_CASE("fixtures: each model has as many parameters at full width as the papers' tables say") {
    for (const Case& c : cases) {
        CAPTURE(c.fixture);
        support::check_parameter_counts(c.run());
    }
}
