// Profiles of real updates: every operator once, under the phases of its passes.
#include "musegan/study/profile_run.hpp"

#include <doctest/doctest.h>

#include <set>

#include "musegan/study/profile_words.hpp"
#include "musegan/training/phases.hpp"
#include "tensor/parallel.hpp"
#include "tests/support/compare.hpp"

using musegan::CriticPasses;
using musegan::Profile;
using musegan::ProfileRow;
using musegan::ProfileSpan;
using musegan::TrainingSettings;
using support::contains_all;
using support::message_of;

namespace {

TrainingSettings small_settings() {
    TrainingSettings settings;
    settings.model.width = 1.0 / 32;
    settings.model.shape.steps_per_beat = 4;
    settings.batch = 2;
    settings.passes = CriticPasses::in_turn;
    return settings;
}

musegan::ProfileOptions short_options() {
    return {
        .rounds = 2, .warm_up = 1, .known_roofs = tensor::Roofs{.f32_gflops = 10, .copy_gb_s = 10, .start_ms = 1e-3}};
}

std::set<std::string> phases_of(const Profile& profile, const std::string& update) {
    std::set<std::string> phases;
    for (const ProfileRow& row : profile.rows)
        if (row.words.update == update) phases.insert(row.words.phase);
    return phases;
}

double sum(const Profile& profile, const std::string& update, double ProfileRow::*field) {
    double total = 0;
    for (const ProfileRow& row : profile.rows)
        if (row.words.update == update) total += row.*field;
    return total;
}

}  // namespace

TEST_CASE("a profile holds each operator of both updates, with all their arithmetic") {
    const TrainingSettings settings = small_settings();
    const Profile profile = profile_training(settings, short_options());
    const musegan::Rehearsal cost = musegan::rehearse(settings, 4 * settings.batch);
    CHECK(sum(profile, "critic", &ProfileRow::flops) == doctest::Approx(cost.critic_update_flops).epsilon(1e-12));
    CHECK(sum(profile, "generator", &ProfileRow::flops) == doctest::Approx(cost.generator_update_flops).epsilon(1e-12));
    CHECK(profile.critic_ms.size() == 2);
    CHECK(profile.observed_generator_ms.size() == 2);
    CHECK(profile.critic_alone.latency == profile.critic_ms);  // nothing queues
    CHECK(profile.generator_alone.host == profile.generator_ms);
    // Ten forward passes, less the first layer's gradient by real and generated phrases, which nobody asks for, and the
    // generator's forward pass.
    CHECK(cost.critic_update_flops / profile.forward_flops > 9.5);
    CHECK(cost.critic_update_flops / profile.forward_flops < 10.5);
    CHECK(profile.device == "cpu");
    CHECK(profile.clock == "CPU clock");
    CHECK(profile.note.empty());
    std::int64_t calls = 0;
    for (const ProfileRow& row : profile.rows) {
        calls += row.calls;
        CHECK(row.rounds.size() == 2);
        CHECK(row.least <= row.most);
        CHECK_FALSE(row.words.phase.empty());
        CHECK(row.threads.empty());
        CHECK_FALSE(row.launch);
    }
    // The timeline is one round, in order, the generator's update after the critic's.
    CHECK(static_cast<std::int64_t>(profile.timeline.size()) == calls);
    bool generator = false;
    double before = 0;
    for (const ProfileSpan& span : profile.timeline) {
        CHECK(span.start >= before);
        before = span.start;
        if (span.words.update == "generator") generator = true;
        else CHECK_FALSE(generator);
    }
    CHECK(generator);
}

TEST_CASE("the phases of the critic's passes are those that ran, and the penalty's are among them") {
    namespace phases = musegan::phases;
    const std::set<std::string> both{phases::data, phases::generator_forward, phases::penalty_slopes,
                                     phases::penalty_backward, phases::critic_adam};
    const auto with = [](std::set<std::string> set, std::initializer_list<const char*> more) {
        for (const char* each : more) set.insert(each);
        return set;
    };
    TrainingSettings settings = small_settings();
    CHECK(phases_of(profile_training(settings, short_options()), "critic") ==
          with(both, {phases::forward_fake, phases::forward_real, phases::backward_fake, phases::backward_real,
                      phases::forward_interpolated}));
    settings.passes = CriticPasses::scores_together;
    CHECK(phases_of(profile_training(settings, short_options()), "critic") ==
          with(both, {phases::forward_scores, phases::backward_scores, phases::forward_interpolated}));
    settings.passes = CriticPasses::all_together;
    const Profile together = profile_training(settings, short_options());
    CHECK(phases_of(together, "critic") == with(both, {phases::forward_all, phases::backward_scores}));
    CHECK(penalty_cost(together).forward > 0);
    settings.objective.penalty_weight = 0;
    settings.passes = CriticPasses::in_turn;
    settings.average = 0.9;
    const Profile plain = profile_training(settings, short_options());
    CHECK(phases_of(plain, "critic") ==
          std::set<std::string>{phases::data, phases::generator_forward, phases::forward_fake, phases::forward_real,
                                phases::backward_fake, phases::backward_real, phases::critic_adam});
    CHECK(penalty_cost(plain).total() == 0);
    CHECK(phases_of(plain, "generator") ==
          std::set<std::string>{phases::data, phases::generator_forward, phases::forward_fake, phases::backward_fake,
                                phases::generator_backward, phases::generator_adam, phases::average});
}

TEST_CASE("every model is profiled, with a critic per track or one, with a given track or none") {
    for (const auto model : {musegan::MultiTrackModel::jamming, musegan::MultiTrackModel::hybrid}) {
        TrainingSettings settings = small_settings();
        settings.model.model = model;
        settings.model.condition = musegan::Condition::piano;
        const Profile profile = profile_training(settings, short_options());
        const musegan::Rehearsal cost = musegan::rehearse(settings, 4 * settings.batch);
        CHECK(sum(profile, "critic", &ProfileRow::flops) == doctest::Approx(cost.critic_update_flops).epsilon(1e-12));
        for (const ProfileRow& row : profile.rows) CHECK_FALSE(row.words.phase.empty());
    }
}

TEST_CASE("memory is told by what it is for, and adds up to the peak that is foreseen") {
    const TrainingSettings settings = small_settings();
    const musegan::MemoryUse use = profile_training(settings, short_options()).memory;
    const musegan::Rehearsal cost = musegan::rehearse(settings, 4 * settings.batch);
    CHECK(use.data >= 4 * settings.batch * settings.model.shape.bytes());
    CHECK(use.moments > 0);
    CHECK(use.weights > use.moments / 2);  // the running statistics beside
    CHECK(use.activations > 0);
    // Another test's tensors may be alive, and the rehearsal leaves out the CPU's own scratch.
    CHECK(use.total() - use.workspace >= cost.peak_bytes * 9 / 10);
}

TEST_CASE("threads are told apart where that is asked for") {
    musegan::ProfileOptions options = short_options();
    options.per_thread = true;
    const Profile profile = profile_training(small_settings(), options);
    for (const ProfileRow& row : profile.rows)
        CHECK(row.threads.size() == static_cast<std::size_t>(tensor::thread_count()));
    CHECK(sum(profile, "critic", &ProfileRow::most) > 0);
}

TEST_CASE("a profile can be stopped, after a round or not at all") {
    musegan::ProfileOptions options = short_options();
    options.rounds = 1000;
    int rounds = 0;
    options.progress = [&](const std::string& what, int, int) { rounds += what == "round"; };
    options.stop_requested = [&] { return rounds >= 3; };
    CHECK(profile_training(small_settings(), options).critic_ms.size() == 3);
    options.stop_requested = [] { return true; };
    CHECK(contains_all(message_of([&] { profile_training(small_settings(), options); }),
                       {"[profile]", "stopped before a round"}));
}

TEST_CASE("work is what is computed, and not how or from which seed") {
    TrainingSettings settings = small_settings(), other = small_settings();
    other.seed = 7;
    other.passes = CriticPasses::scores_together;
    other.adam.rate = 0.5;
    CHECK(work_of(settings) == work_of(other));
    CHECK(how_of(settings) != how_of(other));
    other.batch = 4;
    CHECK(work_of(settings) != work_of(other));
    other = settings;
    other.model.preset.critic.front().rows.front().slope = 0.25;
    CHECK(work_of(settings) != work_of(other));
}
