// All six models against PyTorch in f64: three critic updates and one generator update of each, and the state after
// them (tests/fixtures/README.md, "The six models").
#include <doctest/doctest.h>

#include "tests/musegan/six_models.hpp"
#include "tests/musegan/training/model_checks.hpp"

namespace {

support::ModelCase run_of(const support::SmallModel& c) {
    return {c.name, support::replay_settings(c.config(), support::model_critic_steps)};
}

}  // namespace

TEST_CASE("fixtures: three critic updates and one generator update of each model") {
    for (const support::SmallModel& c : support::six_models) SUBCASE(c.name) support::check_updates(run_of(c));
}

TEST_CASE("fixtures: Training of each model starts alike, draws alike and arrives at the same state") {
    for (const support::SmallModel& c : support::six_models) SUBCASE(c.name) support::check_training(run_of(c));
}

TEST_CASE("fixtures: each model has as many parameters at full width as the papers' tables say") {
    for (const support::SmallModel& c : support::six_models) {
        CAPTURE(c.name);
        support::check_parameter_counts(run_of(c));
    }
}
