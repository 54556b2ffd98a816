// A run folder from start to end.
#include "musegan/training/run.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "io/file.hpp"
#include "io/midi.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/training/checkpoint.hpp"
#include "musegan/training/run_log.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/png.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

namespace {

constexpr std::int64_t readable = std::int64_t{1} << 30;

RunOptions small_run(const std::filesystem::path& folder, const std::string& name) {
    const std::filesystem::path data = folder / "data.safetensors";
    if (!std::filesystem::exists(data)) {
        const std::vector<std::uint8_t> bits = support::small_bits();
        write_dataset(data, bits, std::vector<std::int64_t>(bits.size() / bytes_per_phrase, 0));
    }
    RunOptions options;
    options.data = data;
    options.run = folder / name;
    options.settings = support::small_settings();
    options.steps = 4;
    options.sample_every = 2;
    options.checkpoint_every = 3;
    return options;
}

}  // namespace

TEST_CASE("a run leaves a model, a log, events, samples and pictures that open") {
    support::TemporaryFolder folder;
    const RunOptions options = small_run(folder.path(), "run");
    RunStart start;
    std::int64_t stepped = 0;
    const RunSummary summary =
        run_training(options, {.started = [&](const RunStart& s) { start = s; },
                               .stepped = [&](const StepReport& r, double) { CHECK(r.step == ++stepped); },
                               .warned = [](const std::string& text) { FAIL_CHECK(text); },
                               .stop_requested = {}});
    CHECK(summary.steps == 4);
    CHECK_FALSE(summary.stopped);
    CHECK(start.predicted_peak_bytes > 0);
    CHECK(start.first_step == 0);
    const LogTable log = read_log(options.run);
    CHECK(log.column("step") == std::vector<double>{1, 2, 3, 4});
    CHECK(checkpoint_settings(options.run).batch == options.settings.batch);
    CHECK(options.run.packed_samples().size() == 3);
    for (const std::int64_t step : {0, 2, 4}) {
        CHECK_NOTHROW(io::read_midi(options.run.sample(step, ".mid")));
        CHECK_NOTHROW(support::decode_png(io::read_file(options.run.sample(step, ".png"), readable)));
    }
    for (const auto& picture : {options.run.losses_figure(), options.run.evolution_figure()})
        CHECK_NOTHROW(support::decode_png(io::read_file(picture, readable)));
    const auto events = std::count_if(
        std::filesystem::directory_iterator(options.run.path()), {},
        [](const auto& entry) { return entry.path().filename().string().starts_with("events.out.tfevents."); });
    CHECK(events == 1);
}

TEST_CASE("a run that is stopped and resumed leaves the files of one that was not") {
    support::TemporaryFolder folder;
    RunOptions whole = small_run(folder.path(), "whole");
    run_training(whole, {});
    RunOptions parts = small_run(folder.path(), "parts");
    std::int64_t steps = 0;
    const RunSummary first = run_training(parts, {.started = {},
                                                  .stepped = [&](const StepReport&, double) { ++steps; },
                                                  .warned = {},
                                                  .stop_requested = [&] { return steps == 1; }});
    CHECK(first.stopped);
    CHECK(first.steps == 1);
    parts.resume = true;
    RunStart start;
    const RunSummary second = run_training(
        parts, {.started = [&](const RunStart& s) { start = s; }, .stepped = {}, .warned = {}, .stop_requested = {}});
    CHECK(start.first_step == 1);
    CHECK(second.steps == 4);
    CHECK(io::read_file(parts.run.model(), readable) == io::read_file(whole.run.model(), readable));
    CHECK(io::read_file(parts.run.state(), readable) == io::read_file(whole.run.state(), readable));
    const LogTable a = read_log(whole.run), b = read_log(parts.run);
    CHECK(a.column("wasserstein") == b.column("wasserstein"));
    CHECK(io::read_file(whole.run.samples() / "step_000004.mid", readable) ==
          io::read_file(parts.run.samples() / "step_000004.mid", readable));
}

TEST_CASE("a run killed after its last checkpoint goes on from it") {
    support::TemporaryFolder folder;
    RunOptions whole = small_run(folder.path(), "whole");
    run_training(whole, {});
    // Killed in step 4: the checkpoint is of step 3, the log has a row more than that.
    RunOptions killed = small_run(folder.path(), "killed");
    struct Killed {};
    CHECK_THROWS_AS(run_training(killed, {.started = {},
                                          .stepped =
                                              [](const StepReport& r, double) {
                                                  if (r.step == 4) throw Killed();
                                              },
                                          .warned = {},
                                          .stop_requested = {}}),
                    Killed);
    CHECK(read_log(killed.run).column("step").size() == 4);
    killed.resume = true;
    run_training(killed, {});
    CHECK(io::read_file(killed.run.state(), readable) == io::read_file(whole.run.state(), readable));
    CHECK(read_log(killed.run).column("step") == std::vector<double>{1, 2, 3, 4});
}

TEST_CASE("a run does not start over an earlier one, and does not resume without one") {
    support::TemporaryFolder folder;
    RunOptions options = small_run(folder.path(), "run");
    options.steps = 1;
    options.resume = true;
    CHECK_THROWS_WITH_AS(run_training(options, {}), doctest::Contains("no state.safetensors"), tensor::Error);
    options.resume = false;
    run_training(options, {});
    CHECK_THROWS_WITH_AS(run_training(options, {}), doctest::Contains("already holds a run"), tensor::Error);
    options.steps = 0;
    CHECK_THROWS_WITH_AS(run_training(options, {}), doctest::Contains("0 steps, expected at least 1"), tensor::Error);
}

TEST_CASE("two trainings do not share a folder") {
    support::TemporaryFolder folder;
    const RunOptions options = small_run(folder.path(), "run");
    bool refused = false;
    run_training(options, {.started = {},
                           .stepped =
                               [&](const StepReport& r, double) {
                                   if (r.step != 4) return;  // the checkpoint of step 3 is there
                                   RunOptions second = options;
                                   second.resume = true;
                                   CHECK_THROWS_WITH_AS(run_training(second, {}),
                                                        doctest::Contains("in use by another"), tensor::Error);
                                   refused = true;
                               },
                           .warned = {},
                           .stop_requested = {}});
    CHECK(refused);
}
