// A run folder from start to end.
#include "musegan/training/run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "io/file.hpp"
#include "io/midi.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/music/generate.hpp"
#include "musegan/training/checkpoint.hpp"
#include "musegan/training/log_table.hpp"
#include "musegan/training/run_figures.hpp"
#include "tensor/error.hpp"
#include "tensor/observer.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/png.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

namespace {

constexpr std::int64_t readable = std::int64_t{1} << 30;

RunOptions small_run(const std::filesystem::path& folder, const std::string& name) {
    const std::filesystem::path data = folder / "data.safetensors";
    if (!std::filesystem::exists(data)) {
        const PackedPhrases song = support::small_song();
        write_dataset(data, song, std::vector<std::int64_t>(static_cast<std::size_t>(song.count()), 0));
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

std::vector<std::string> sampled_steps(const RunFolder& run) {
    std::vector<std::string> names;
    for (const std::filesystem::path& path : run.packed_samples()) names.push_back(path.filename().string());
    return names;
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
    CHECK(start.data_bytes == support::small_song().count() * paper_shape.bytes());
    CHECK(start.rehearsal.peak_bytes > start.data_bytes);
    CHECK(start.available_bytes > start.rehearsal.peak_bytes);
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
    // Where it ends one hears it. What was taken for that reason alone goes when the run goes on.
    CHECK(parts.run.packed_samples().size() == 2);
    CHECK(parts.run.packed_samples().back() == parts.run.sample(1, ".safetensors"));
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
    CHECK(sampled_steps(parts.run) == sampled_steps(whole.run));
    // A run that is over keeps its last sample, also when it is resumed with nothing left to do.
    parts.steps = 5;
    for (int times = 0; times < 2; ++times) {
        run_training(parts, {});
        CHECK(sampled_steps(parts.run).back() == "step_000005.safetensors");
    }
    parts.steps = 6;
    run_training(parts, {});
    CHECK(sampled_steps(parts.run) == std::vector<std::string>{"step_000000.safetensors", "step_000002.safetensors",
                                                               "step_000004.safetensors", "step_000006.safetensors"});
}

TEST_CASE("a run of critics per track, given a track, has columns per critic and samples to the data's tracks") {
    support::TemporaryFolder folder;
    RunOptions whole = small_run(folder.path(), "whole");
    whole.settings.model.model = MultiTrackModel::jamming;
    whole.settings.model.condition = Condition::piano;
    whole.settings.critic_steps = 1;
    run_training(whole, {.started = {},
                         .stepped = {},
                         .warned = [](const std::string& text) { FAIL_CHECK(text); },
                         .stop_requested = {}});
    RunOptions parts = whole;
    parts.run = folder.path() / "parts";
    parts.steps = 2;
    run_training(parts, {});
    parts.steps = 4;
    parts.resume = true;
    run_training(parts, {});
    CHECK(io::read_file(parts.run.state(), readable) == io::read_file(whole.run.state(), readable));
    CHECK(io::read_file(parts.run.sample(4, ".mid"), readable) == io::read_file(whole.run.sample(4, ".mid"), readable));
    const LogTable log = read_log(parts.run);
    for (const char* column : {"bass.wasserstein", "drums.slope_mean", "guitar.penalty", "strings.generator_loss"})
        CHECK(log.column(column).size() == 4);
    CHECK_FALSE(log.contains("piano.wasserstein"));
    CHECK_FALSE(log.contains("wasserstein"));
    CHECK_NOTHROW(support::decode_png(io::read_file(parts.run.losses_figure(), readable)));
    // Before the first step as after the last, the samples' piano is that of phrases of the data.
    const Dataset data = Dataset::open(whole.data);
    for (const std::int64_t step : {0, 4}) {
        const io::SafetensorsFile samples = io::SafetensorsFile::open(whole.run.sample(step, ".safetensors"));
        const PhraseView phrases(paper_shape, samples.at("phrases").bytes);
        for (std::int64_t k = 0; k < phrases.count(); ++k) {
            const PianoRoll sample = phrases.roll(k), given = data.phrases().roll(k * data.count() / 4);
            for (const auto& pair : {std::pair{&sample, &given}, {&given, &sample}})
                for_each_cell(paper_shape, pair.first->bits(), [&](std::int64_t time, int pitch, int track) {
                    if (track == index_of(Family::piano)) REQUIRE(pair.second->at(time, pitch, track));
                });
        }
    }
}

TEST_CASE("a model is not given a track that the data never play") {
    support::TemporaryFolder folder;
    RunOptions options = small_run(folder.path(), "run");
    PianoRoll roll(paper_shape, paper_shape.steps());
    for (const Family family : {Family::bass, Family::drums, Family::guitar}) roll.set_run(0, 9, 20, index_of(family));
    PackedPhrases phrases{paper_shape};
    for (int k = 0; k < 3; ++k) phrases.append(roll.bits());
    options.data = folder.path() / "trio";
    write_dataset(options.data, phrases, std::vector<std::int64_t>{0, 0, 0});
    options.settings.model.condition = Condition::piano;
    CHECK_THROWS_WITH_AS(
        run_training(options, {}),
        ("[" + options.data.string() + "] no phrase has a note of piano, expected some for composer given piano")
            .c_str(),
        tensor::Error);
    options.settings.model.condition = Condition::guitar;
    options.run = folder.path() / "guitar";
    options.steps = 1;
    CHECK_NOTHROW(run_training(options, {}));
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
    CHECK_THROWS_WITH_AS(run_training(options, {}), doctest::Contains("steps 0, expected 1 to 1000000000"),
                         tensor::Error);
}

TEST_CASE("a run on a coarser grid reduces the data, and its files say so") {
    for (const int steps_per_beat : {4, 12}) {
        CAPTURE(steps_per_beat);
        support::TemporaryFolder folder;
        RunOptions whole = small_run(folder.path(), "whole");
        whole.settings = support::small_settings(steps_per_beat);
        whole.start_at_densities = true;
        RunStart start;
        run_training(whole, {.started = [&](const RunStart& s) { start = s; },
                             .stepped = {},
                             .warned = [](const std::string& text) { FAIL_CHECK(text); },
                             .stop_requested = {}});
        CHECK(start.shape == paper_shape.on_grid(steps_per_beat));
        ReductionCounts counts;
        reduce(support::small_song(), steps_per_beat, &counts);
        CHECK(start.reduction == counts);
        CHECK(load_model(whole.run.model()).config().shape == start.shape);
        const io::SafetensorsFile samples = io::SafetensorsFile::open(whole.run.packed_samples().front());
        CHECK(samples.metadata("resolution") == std::to_string(steps_per_beat));
        CHECK(samples.at("phrases").shape == std::vector<std::int64_t>{4, start.shape.bytes()});
        CHECK_NOTHROW(support::decode_png(io::read_file(whole.run.evolution_figure(), readable)));

        RunOptions parts = whole;
        parts.run = folder.path() / "parts";
        std::int64_t steps = 0;
        run_training(parts, {.started = {},
                             .stepped = [&](const StepReport&, double) { ++steps; },
                             .warned = {},
                             .stop_requested = [&] { return steps == 1; }});
        parts.resume = true;
        run_training(parts, {});
        CHECK(io::read_file(parts.run.state(), readable) == io::read_file(whole.run.state(), readable));
        RunOptions other = parts;
        other.settings = support::small_settings();
        CHECK_THROWS_WITH_AS(
            run_training(other, {}),
            doctest::Contains(fmt::format("resolution is {} in this run, now 24", steps_per_beat).c_str()),
            tensor::Error);
    }
}

TEST_CASE("samples from before there were grids are of the paper's, and a damaged one is named") {
    support::TemporaryFolder folder;
    RunOptions options = small_run(folder.path(), "run");
    run_training(options, {});
    const auto rewrite = [&](const io::Metadata& changes) {
        const std::filesystem::path path = options.run.packed_samples().front();
        io::SafetensorsWriter writer;
        const io::SafetensorsFile file = io::SafetensorsFile::open(path);
        io::Metadata metadata = changes;
        metadata.merge(io::Metadata(file.metadata()));
        for (const auto& [key, value] : metadata)
            if (!value.empty()) writer.metadata(key, value);
        for (const io::SafetensorsEntry& entry : file.entries())
            writer.add_bytes(entry.name, entry.dtype, entry.shape, entry.bytes);
        writer.write(path);
        return path;
    };
    rewrite({{"resolution", ""}, {"bars", ""}, {"lowest_pitch", ""}, {"pitches", ""}});
    CHECK_NOTHROW(draw_run_figures(options.run));
    const std::string path = rewrite({{"pitches", "96"}}).string();
    CHECK(support::message_of([&] {
              draw_run_figures(options.run);
          }).starts_with("[" + path + "] 80640 bytes of phrases, expected one or more phrases of 23040"));
    rewrite({{"pitches", "many"}});
    CHECK(support::message_of([&] {
              draw_run_figures(options.run);
          }).starts_with("[" + path + "] pitches is 'many', expected 12 to 128"));
}

TEST_CASE("everything that a run computes with its networks, samples included, runs as its settings say") {
    /// Counts the networks' operators, in updates and in samples, and those that do not run as set.
    struct Watcher final : tensor::Observer {
        void begin(const tensor::Event& event) override {
            const std::string_view phase = event.scope.phase, layer = event.scope.layer;
            if (layer.empty() || phase == "report") return;
            ++(phase.empty() ? samples : updates);
            others += tensor::execution().fusion != tensor::Fusion::off;
        }
        void end(const tensor::Event&) override {}
        std::int64_t samples = 0, updates = 0, others = 0;
    } watcher;
    support::TemporaryFolder folder;
    RunOptions options = small_run(folder.path(), "run");
    options.steps = 1;
    options.settings.execution.fusion = tensor::Fusion::off;
    {
        const tensor::ObserverScope scope(&watcher);
        run_training(options, {});
    }
    CHECK(watcher.samples > 0);
    CHECK(watcher.updates > 0);
    CHECK(watcher.others == 0);
    watcher = {};
    const Model model = load_model(options.run.model());
    {
        const tensor::ObserverScope scope(&watcher);
        generate_phrases(model, {.phrases = 1, .sampling = {.execution = {.fusion = tensor::Fusion::off}}});
    }
    CHECK(watcher.samples > 0);
    CHECK(watcher.others == 0);
    CHECK(tensor::execution() == tensor::Execution{});
}

TEST_CASE("data of another shape than the model's is refused, naming both") {
    support::TemporaryFolder folder;
    RunOptions options = small_run(folder.path(), "run");
    const PhraseShape low{.pitches = 72};
    write_dataset(folder.path() / "low",
                  PackedPhrases{low, std::vector<std::uint8_t>(static_cast<std::size_t>(low.bytes()))},
                  std::vector<std::int64_t>{0});
    options.data = folder.path() / "low";
    const std::string message = support::message_of([&] { run_training(options, {}); });
    CHECK(support::contains_all(message, {"pitches 24 to 95", "expected those of the model", "pitches 24 to 107"}));
    CHECK_FALSE(std::filesystem::exists(options.run.path()));
    options.settings.model.shape.pitches = 72;
    options.settings.model.shape.steps_per_beat = 4;
    options.run = folder.path() / "other";
    options.steps = 1;
    CHECK(run_training(options, {}).steps == 1);
    options.settings.model.shape.steps_per_beat = 5;
    CHECK(support::message_of([&] { run_training(options, {}); }).find("resolution 5, expected 4, 8, 12 or 24") !=
          std::string::npos);
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
                                                        doctest::Contains("in use by process"), tensor::Error);
                                   refused = true;
                               },
                           .warned = {},
                           .stop_requested = {}});
    CHECK(refused);
}
