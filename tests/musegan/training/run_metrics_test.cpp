// The metrics of a run along training: metrics.csv, TensorBoard and the picture.
#include "musegan/training/run_metrics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "io/file.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/evaluation/metric_list.hpp"
#include "musegan/training/checkpoint.hpp"
#include "musegan/training/run.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/png.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/threads.hpp"

using namespace musegan;

namespace {

namespace fs = std::filesystem;

/// On the grid of 16ths, on which it is quick.
RunOptions small_run(const fs::path& folder, const std::string& name, std::int64_t evaluate_every = 2) {
    const fs::path data = folder / "data.safetensors";
    if (!fs::exists(data)) {
        const PackedPhrases song = support::small_song();
        write_dataset(data, song, std::vector<std::int64_t>(static_cast<std::size_t>(song.count()), 0));
    }
    RunOptions options;
    options.data = data;
    options.run = folder / name;
    options.settings = support::small_settings(4);
    options.steps = 4;
    options.sample_every = 0;
    options.evaluate_every = evaluate_every;
    options.checkpoint_every = 3;
    return options;
}

std::string text_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void append(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::app) << text; }

/// All events of a folder, one file after the other.
std::string events_in(const fs::path& folder) {
    std::string all;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().filename().string().starts_with("events.out.tfevents.")) all += text_of(entry.path());
    return all;
}

/// Does `steps` steps and is stopped then.
void run_until(RunOptions options, std::int64_t steps) {
    std::int64_t done = 0;
    run_training(options, {.started = {},
                           .stepped = [&](const StepReport&, double) { ++done; },
                           .warned = {},
                           .stop_requested = [&] { return done == steps; }});
}

/// The rows are what measure() says of the data and of the phrases that are drawn.
void check_rows(const RunOptions& options, const MetricCurves& curves) {
    const Dataset data = Dataset::open(options.data);
    const PhraseSequence phrases = on_grid(data.phrases(), 4);
    const Metrics of_data = measure(phrases);
    Training training(options.settings,
                      tensor::Tensor::from(phrases.collect().bits, {data.count(), phrases.shape().bytes()}));
    load_checkpoint(options.run, training, data_fingerprint(data));
    const support::TemporaryFolder scratch;
    const RunMetrics metrics(scratch.path(), training, phrases, false);
    const PackedPhrases drawn = metrics.draw(training);
    CHECK(drawn.count() == 16);
    CHECK(drawn == metrics.draw(training));
    const Metrics of_model = measure(drawn);
    for (const Metric& metric : metric_list()) {
        CAPTURE(metric.key);
        const double data_value = metric.mean(of_data).value(), value = metric.mean(of_model).value();
        CHECK((curves.data.at(metric.key) == data_value || std::isnan(data_value)));
        CHECK((curves.model.at(metric.key).back() == value || std::isnan(value)));
        CHECK(std::isnan(curves.model.at(metric.key).back()) == std::isnan(value));
    }
}

}  // namespace

TEST_CASE("run metrics: a row at step 0 and at every multiple, of phrases of the model beside the data's") {
    const support::TemporaryFolder folder;
    for (const Condition condition : {Condition::none, Condition::bass}) {
        CAPTURE(static_cast<int>(condition));
        RunOptions options = small_run(folder.path(), condition == Condition::none ? "scratch" : "given");
        options.settings.model.condition = condition;
        options.settings.model.output = Output::stochastic;
        run_training(options, {});
        const MetricCurves curves = read_metric_log(options.run);
        CHECK(curves.steps == std::vector<double>{0, 2, 4});
        check_rows(options, curves);
        CHECK_NOTHROW(support::decode_png(io::read_file(options.run.metrics_figure(), 1 << 30)));
    }
}

TEST_CASE("run metrics: they change nothing that is learned, and 0 leaves them out") {
    const support::TemporaryFolder folder;
    const RunOptions with = small_run(folder.path(), "with", 1), without = small_run(folder.path(), "without", 0);
    run_training(with, {});
    run_training(without, {});
    CHECK(text_of(with.run.state()) == text_of(without.run.state()));
    CHECK(text_of(with.run.model()) == text_of(without.run.model()));
    CHECK(read_metric_log(with.run).steps.size() == 5);
    for (const fs::path& file : {without.run.metrics(), without.run.metrics_figure(), without.run.data_events()})
        CHECK_FALSE(fs::exists(file));
    CHECK(events_in(without.run.path()).find("EB/bass") == std::string::npos);
}

TEST_CASE("run metrics: TensorBoard finds the model's and the data's scalars under one name") {
    const support::TemporaryFolder folder;
    const RunOptions options = small_run(folder.path(), "run");
    run_training(options, {});
    for (const fs::path& events : {options.run.path(), options.run.data_events()})
        for (const char* tag : {"EB/bass", "UPC/piano", "TD/B-G", "notes_per_bar/drums", "metrics/distance"})
            CHECK_MESSAGE(events_in(events).find(tag) != std::string::npos, tag);
    CHECK(events_in(options.run.data_events()).find("train/") == std::string::npos);
}

TEST_CASE("run metrics: a run that is stopped or killed and resumed leaves the file of one that was not") {
    const support::TemporaryFolder folder;
    const RunOptions whole = small_run(folder.path(), "whole", 1);
    run_training(whole, {});
    const std::string expected = text_of(whole.run.metrics());
    for (const std::int64_t stop : {1, 2, 3}) {
        CAPTURE(stop);
        RunOptions parts = small_run(folder.path(), "parts" + std::to_string(stop), 1);
        run_until(parts, stop);
        CHECK(read_metric_log(parts.run).steps.size() == static_cast<std::size_t>(stop + 1));
        parts.resume = true;
        run_training(parts, {});
        CHECK(text_of(parts.run.metrics()) == expected);
    }
    // Killed after the row of step 4 and in the middle of another; the checkpoint is of step 3.
    RunOptions killed = small_run(folder.path(), "killed", 1);
    run_until(killed, 3);
    append(killed.run.metrics(), expected.substr(expected.find("\n4,model") + 1) + "5,mod");
    killed.resume = true;
    std::string warned;
    run_training(killed, {.started = {},
                          .stepped = {},
                          .warned = [&](const std::string& text) { warned += text; },
                          .stop_requested = {}});
    CHECK(text_of(killed.run.metrics()) == expected);
    CHECK(warned.empty());
    // A run that never measured begins to when it is resumed.
    RunOptions late = small_run(folder.path(), "late", 0);
    run_until(late, 2);
    late.resume = true;
    late.evaluate_every = 1;
    run_training(late, {});
    CHECK(read_metric_log(late.run).steps == std::vector<double>{3, 4});
}

TEST_CASE("run metrics: damaged rows are removed and told, and the rest stays") {
    const support::TemporaryFolder folder;
    RunOptions options = small_run(folder.path(), "run", 1);
    run_until(options, 3);
    const std::string whole = text_of(options.run.metrics());
    const std::size_t second = whole.find("\n1,model") + 1, third = whole.find("\n2,model") + 1;
    std::string damaged = whole;
    // Zeros, a quote, a carriage return, and a line that is too long for any row.
    damaged.replace(second, third - second,
                    std::string(20, '\0') + "\n\"\n1\r,model\n" + std::string(1 << 20, ',') + "\n");
    std::ofstream(options.run.metrics(), std::ios::binary) << damaged;
    options.resume = true;
    std::string warned;
    run_training(options, {.started = {},
                           .stepped = {},
                           .warned = [&](const std::string& text) { warned = text; },
                           .stop_requested = {}});
    CHECK(warned == "metrics.csv had 4 damaged lines (a full disk, a power cut or an edit): removed");
    CHECK(read_metric_log(options.run).steps == std::vector<double>{0, 2, 3, 4});

    std::ofstream(options.run.metrics(), std::ios::binary) << "step,source,other\n0,data,1\n";
    CHECK_THROWS_WITH_AS(run_training(options, {}), doctest::Contains("metrics.csv] has other columns"), tensor::Error);
    CHECK(read_metric_log(options.run).data.empty());  // it has none of our metrics
    CHECK(text_of(options.run.metrics()) == "step,source,other\n0,data,1\n");
}

TEST_CASE("run metrics: the same for any number of threads, and as many phrases as the batch allows") {
    CHECK(evaluated_phrases(2) == 16);
    CHECK(evaluated_phrases(16) == 128);
    CHECK(evaluated_phrases(64) == 128);
    const support::TemporaryFolder folder;
    std::string first;
    for (const int threads : {1, 2, 3}) {
        const support::ThreadCount set(threads);
        const RunOptions options = small_run(folder.path(), "run" + std::to_string(threads));
        run_training(options, {});
        if (threads == 1) first = text_of(options.run.metrics());
        CHECK(text_of(options.run.metrics()) == first);
    }
}

TEST_CASE("run metrics: a run that did no step leaves none of them when it is begun anew") {
    const support::TemporaryFolder folder;
    const RunOptions options = small_run(folder.path(), "run", 1);
    run_training(options, {});
    options.run.remove_record();
    for (const fs::path& file : {options.run.metrics(), options.run.metrics_figure(), options.run.data_events()})
        CHECK_FALSE(fs::exists(file));
    // A file of that name is none of ours.
    std::ofstream(options.run.data_events()) << "somebody's";
    options.run.remove_record();
    CHECK(text_of(options.run.data_events()) == "somebody's");
}
