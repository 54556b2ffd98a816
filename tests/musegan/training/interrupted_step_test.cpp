// A training that ends between two updates of a step, is saved and resumed: the same bits as one that did not end.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "musegan/networks/presets.hpp"
#include "musegan/training/checkpoint.hpp"
#include "musegan/training/training.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

namespace {

/// What makes the inside of a step: penalties and none, critics of their own, streams of chance, an average, a clip.
struct Case {
    const char* name;
    TrainingSettings settings;
};

std::vector<Case> cases() {
    std::vector<Case> cases{{"composer", support::small_settings()}};
    cases.push_back({"jamming given drums",
                     support::small_settings_of(support::model_of(MultiTrackModel::jamming, Condition::drums))});
    cases.push_back({"hybrid", support::small_settings_of(support::model_of(MultiTrackModel::hybrid))});
    TrainingSettings hinge = support::small_settings(4);
    hinge.objective.loss = Loss::hinge;
    hinge.average = 0.5;
    cases.push_back({"hinge loss, average", hinge});
    TrainingSettings clipped = support::small_settings(4);
    clipped.objective.penalty_weight = 0;
    clipped.clip = 0.01;
    cases.push_back({"clipped weights", clipped});
    TrainingSettings neurons = support::small_settings(4);
    neurons.model.preset = preset_named("compact");
    neurons.model.output = Output::stochastic;
    cases.push_back({"stochastic neurons", neurons});
    return cases;
}

Training fresh(const TrainingSettings& settings) {
    return {settings, support::small_phrases(settings.model.shape.steps_per_beat)};
}

/// Stops at the question of that number, counted from 0.
std::function<bool()> at_question(std::int64_t number) {
    return [number, asked = std::int64_t{0}]() mutable { return asked++ == number; };
}

}  // namespace

TEST_CASE("a step that was ended anywhere, saved and resumed has the bits and the report of a whole one") {
    for (const Case& each : cases()) {
        CAPTURE(each.name);
        Training whole = fresh(each.settings);
        whole.step();
        const StepReport expected = whole.step();
        for (std::int64_t updates = 0; updates <= each.settings.critic_steps; ++updates) {
            CAPTURE(updates);
            const support::TemporaryFolder folder;
            Training first = fresh(each.settings);
            first.step();
            REQUIRE_FALSE(first.step_unless(at_question(updates)));
            CHECK(first.steps() == 1);
            CHECK(first.critic_updates() == updates);
            save_checkpoint(folder.path(), first, "data");
            Training second = fresh(each.settings);
            load_checkpoint(folder.path(), second, "data");
            CHECK(second.counters() == first.counters());
            // Ended once more without an update in between.
            REQUIRE_FALSE(second.step_unless(at_question(0)));
            CHECK(second.counters() == first.counters());
            const StepReport report = second.step();
            CHECK(report.step == 2);
            CHECK(report.critics == expected.critics);
            CHECK(second.counters() == whole.counters());
            CHECK(support::state_values<float>(second) == support::state_values<float>(whole));
        }
    }
}

TEST_CASE("the published schedule's hundred critic updates can be left in their middle") {
    TrainingSettings settings = support::small_settings(4);
    settings.model.preset = preset_named("compact");
    settings.schedule = CriticSchedule::published_2017;
    Training whole = fresh(settings), parts = fresh(settings);
    const StepReport expected = whole.step();
    for (const std::int64_t updates : {1, 41, 57}) REQUIRE_FALSE(parts.step_unless(at_question(updates)));
    CHECK(parts.critic_updates() == 99);
    CHECK(parts.step().critics == expected.critics);
    CHECK(support::state_values<float>(parts) == support::state_values<float>(whole));
}

TEST_CASE("a position inside a step that no training can be in is refused") {
    const TrainingSettings settings = support::small_settings(4);
    Training training = fresh(settings);
    REQUIRE_FALSE(training.step_unless(at_question(1)));
    TrainingCounters counters = training.counters();
    REQUIRE(counters.critics.size() == 1);
    const auto refusal = [&](const TrainingCounters& changed) {
        return support::message_of([&] { training.set_counters(changed); });
    };
    CHECK(refusal(counters) == "nothing was thrown");
    counters.critic_updates = settings.critic_steps + 1;
    CHECK(support::contains_all(refusal(counters), {"3 critic updates in step 1", "at most 2"}));
    counters.critic_updates = 0;
    CHECK(support::contains_all(refusal(counters), {"numbers of 1 critics after 0", "expected 0"}));
    counters.critic_updates = 1;
    counters.critics.clear();
    CHECK(support::contains_all(refusal(counters), {"numbers of 0 critics", "expected 1"}));
}
