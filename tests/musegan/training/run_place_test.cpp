// A run's folder belongs to one run, from before its first step, whatever happens to it.
#include <doctest/doctest.h>

#include <functional>

#include "musegan/data/dataset.hpp"
#include "musegan/training/log_table.hpp"
#include "musegan/training/run.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
using support::contains_all;
using support::message_of;
using support::read_text;

namespace {

namespace fs = std::filesystem;

struct Killed {};

/// A run of three steps, and one like it that nothing happened to.
struct Place {
    support::TemporaryFolder folder;
    RunOptions options, whole;

    Place() {
        const PackedPhrases song = support::small_song();
        options.data = folder / "data.safetensors";
        write_dataset(options.data, song, std::vector<std::int64_t>(static_cast<std::size_t>(song.count()), 0));
        options.run = folder / "run";
        options.settings = support::small_settings(4);
        options.settings.critic_steps = 1;
        options.steps = 3;
        options.sample_every = 1;
        whole = options;
        whole.run = folder / "whole";
        run_training(whole, {});
    }

    /// Runs, and does something after a step.
    void run(std::int64_t step, const std::function<void()>& event) const {
        run_training(options, {.started = {},
                               .stepped =
                                   [&](const StepReport& report, double) {
                                       if (report.step == step) event();
                                   },
                               .warned = {},
                               .stop_requested = {}});
    }
    bool equals_whole(const RunFolder& other) const {
        return read_text(other.state()) == read_text(whole.run.state()) &&
               read_text(other.model()) == read_text(whole.run.model()) &&
               read_log(other).column("step") == std::vector<double>{1, 2, 3} &&
               other.packed_samples().size() == whole.run.packed_samples().size();
    }
};

}  // namespace

TEST_CASE("a run whose folder is moved is saved where the folder is, and goes on from there") {
    const Place place;
    const fs::path moved = place.folder / "elsewhere";
    const std::string message = message_of([&] { place.run(1, [&] { fs::rename(place.options.run.path(), moved); }); });
    CHECK(contains_all(message, {"[" + place.options.run.name() + "]", "was moved to", "elsewhere", "after step 1"}));
    CHECK_FALSE(fs::exists(place.options.run.path()));
    RunOptions resumed = place.options;
    resumed.run = moved;
    resumed.resume = true;
    run_training(resumed, {});
    CHECK(place.equals_whole(moved));
}

TEST_CASE("a run whose folder is removed ends, and makes no folder by accident") {
    const Place place;
    const std::string message = message_of([&] { place.run(2, [&] { fs::remove_all(place.options.run.path()); }); });
    CHECK(contains_all(message, {"[" + place.options.run.name() + "]", "was removed while the run wrote into it"}));
    CHECK_FALSE(fs::exists(place.options.run.path()));
}

TEST_CASE("a run whose folder is replaced writes nothing into the other") {
    const Place place;
    const std::string message = message_of([&] {
        place.run(2, [&] {
            fs::remove_all(place.options.run.path());
            fs::create_directory(place.options.run.path());
            support::write_text(place.options.run.path() / "notes", "mine");
        });
    });
    CHECK(contains_all(message, {"was removed while the run wrote into it"}));
    CHECK(std::distance(fs::directory_iterator(place.options.run.path()), {}) == 1);
    CHECK(read_text(place.options.run.path() / "notes") == "mine");
}

TEST_CASE("a run that was killed before it did an update is begun anew by the same call, and leaves the same files") {
    const Place place;
    CHECK_THROWS_AS(
        run_training(
            place.options,
            {.started = [](const RunStart&) { throw Killed(); }, .stepped = {}, .warned = {}, .stop_requested = {}}),
        Killed);
    CHECK(place.options.run.has_state());
    // What such a run may have written, if it was killed later: rows, samples and events of steps that no state has.
    support::write_text(place.options.run.log(), "step\n1\n");
    fs::create_directory(place.options.run.samples());
    support::write_text(place.options.run.sample(9, ".safetensors"), "x");
    support::write_text(place.options.run.path() / "events.out.tfevents.1.host.1.0", "x");
    run_training(place.options, {});
    CHECK(place.equals_whole(place.options.run));
    CHECK_FALSE(fs::exists(place.options.run.path() / "events.out.tfevents.1.host.1.0"));
    CHECK(contains_all(message_of([&] { run_training(place.options, {}); }), {"already holds a run, of 3 steps"}));
}

TEST_CASE("a run that was stopped in its first step has learned something, and is not begun anew") {
    const Place place;
    std::int64_t asked = 0;
    const RunSummary summary = run_training(
        place.options, {.started = {}, .stepped = {}, .warned = {}, .stop_requested = [&] { return asked++ == 1; }});
    CHECK(summary.stopped);
    CHECK(summary.steps == 0);
    CHECK(summary.critic_updates == 1);
    CHECK(contains_all(message_of([&] { run_training(place.options, {}); }), {"already holds a run, of 0 steps"}));
    RunOptions resumed = place.options;
    resumed.resume = true;
    run_training(resumed, {});
    CHECK(place.equals_whole(place.options.run));
}

TEST_CASE("a run is not resumed to fewer steps than it has done") {
    const Place place;
    RunOptions fewer = place.whole;
    fewer.resume = true;
    fewer.steps = 2;
    CHECK(contains_all(message_of([&] { run_training(fewer, {}); }), {"holds a run of 3 steps, 2 are asked for"}));
    fewer.steps = 3;
    CHECK(message_of([&] { run_training(fewer, {}); }) == "nothing was thrown");
}

TEST_CASE("a run that is refused leaves no folder") {
    const Place place;
    RunOptions refused = place.options;
    refused.data = place.folder / "missing";
    CHECK(message_of([&] { run_training(refused, {}); }) != "nothing was thrown");
    CHECK_FALSE(fs::exists(refused.run.path()));
    refused = place.options;
    refused.start_from = place.folder / "missing";
    CHECK(message_of([&] { run_training(refused, {}); }) != "nothing was thrown");
    CHECK_FALSE(fs::exists(refused.run.path()));
}
