// A run's folder read for its report, whole and damaged.
#include "musegan/pages/run_record.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "musegan/evaluation/evaluation_json.hpp"
#include "musegan/training/config.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/evaluation/evaluated_sets.hpp"
#include "tests/musegan/pages/made_run.hpp"
#include "tests/support/compare.hpp"

using namespace musegan;
using pages_tests::MadeRun;
using pages_tests::noise;
using pages_tests::small_options;
using pages_tests::write_sample;

namespace {

namespace fs = std::filesystem;

std::vector<std::int64_t> steps_of(const RunRecord& record) {
    std::vector<std::int64_t> steps;
    for (const Sample& sample : record.samples) steps.push_back(sample.step);
    return steps;
}

/// That the record has one fault, with every part.
void check_fault(const RunRecord& record, std::initializer_list<const char*> parts) {
    CAPTURE(fmt::format("{}", fmt::join(record.faults, "\n")));
    REQUIRE(record.faults.size() == 1);
    for (const char* const part : parts) CHECK_MESSAGE(record.faults[0].find(part) != std::string::npos, part);
}

}  // namespace

TEST_CASE("run record: a whole run, with nothing to complain of") {
    const MadeRun made;
    const RunRecord record = read_run(made.run.path());
    CHECK(fmt::format("{}", fmt::join(record.faults, "; ")) == "");
    CHECK(record.preset == "compact");
    CHECK(record.setting("steps") == "6");
    CHECK(record.setting("start_at_densities") == "no");
    CHECK(record.setting("rate") == "0.0002");
    CHECK(record.setting("none of these").empty());
    CHECK(record.log.rows() == 6);
    CHECK(record.last_step() == 6);
    CHECK(record.metrics.steps == std::vector<double>{0, 2, 4, 6});
    CHECK(record.metrics.data.size() == metric_list().size());
    CHECK(steps_of(record) == std::vector<std::int64_t>{0, 2, 4, 6});
    CHECK(record.sample_files == 4);
    CHECK(record.samples.back().phrases == read_sample(made.run.sample(6, ".safetensors")).phrases);
    CHECK_FALSE(record.evaluation);
    CHECK_FALSE(record.interpolation);
    // The dataset is found by the comment of the configuration, and the nearest phrases in it.
    CHECK(record.data == made.data());
    CHECK(record.nearest.size() == 4);
    const Dataset data = Dataset::open(made.data());
    const std::vector<NearestPhrase> nearest =
        nearest_phrases(record.samples.back().phrases, on_grid(data.phrases(), 4));
    CHECK(record.data_phrases == data.count());
    for (const NearestSample& found : record.nearest)
        CHECK(found.found == nearest[static_cast<std::size_t>(found.sample)]);
}

TEST_CASE("run record: what is no run is one clear line") {
    const support::TemporaryFolder folder;
    CHECK_THROWS_WITH_AS(read_run(folder / "none"), doctest::Contains("none] nothing is there, expected the folder"),
                         tensor::Error);
    CHECK_THROWS_WITH_AS(read_run(folder.path()), doctest::Contains("has no file of a run"), tensor::Error);
    support::write_text(folder / "notes.txt", "x");
    CHECK_THROWS_AS(read_run(folder.path()), tensor::Error);
}

TEST_CASE("run record: a folder with one file of a run is a run without the rest") {
    for (const char* const file : {"config.toml", "log.csv", "model.safetensors", "state.safetensors"}) {
        CAPTURE(file);
        const support::TemporaryFolder folder;
        support::write_text(folder / file, "");
        const RunRecord record = read_run(folder.path());
        CHECK(record.last_step() == -1);
        CHECK(record.samples.empty());
        CHECK(record.log.rows() == 0);
        CHECK(record.faults.size() == (std::string(file) == "log.csv" ? 1 : 0));
    }
}

TEST_CASE("run record: of a damaged log what is whole is read, and the rest counted") {
    const MadeRun made;
    const std::string whole = support::read_text(made.run.log());
    const std::vector<double> column = read_run(made.run.path()).log.column("wasserstein");
    support::write_text(made.run.log(), whole.substr(0, whole.size() - 4));
    RunRecord record = read_run(made.run.path());
    check_fault(record, {"The last line of log.csv has no end"});
    CHECK(record.log.column("wasserstein") == std::vector<double>(column.begin(), column.end() - 1));

    std::string holes = whole;
    const std::size_t third = holes.find("\n3,") + 1;
    holes.replace(third, holes.find('\n', third) - third, std::string(9, '\0'));
    support::write_text(made.run.log(), holes + "2,1,1,1,1,1,1,1,1,1\n\"7\n");
    record = read_run(made.run.path());
    check_fault(record, {"log.csv has 3 damaged lines, which are left out"});
    CHECK(record.log.column("step") == std::vector<double>{1, 2, 4, 5, 6});

    for (const std::string& text :
         {std::string(), std::string("\n1,2\n"), std::string(1000, '\0'), std::string("x,y\n")}) {
        support::write_text(made.run.log(), text);
        record = read_run(made.run.path());
        check_fault(record, {"Left out: ", "log.csv]", "header"});
        CHECK(record.log.rows() == 0);
        CHECK(record.last_step() == 6);  // from the samples
    }
    support::write_text(made.run.log(), "step,other,<b>\n1,2,3\n");
    record = read_run(made.run.path());
    CHECK(record.faults.empty());
    CHECK(record.log.column("<b>") == std::vector<double>{3});
}

TEST_CASE("run record: of damaged metrics what is whole is read, and the rest counted") {
    const MadeRun made;
    const std::string whole = support::read_text(made.run.metrics());
    support::write_text(made.run.metrics(), whole + "8,model,1\n8,mod");
    RunRecord record = read_run(made.run.path());
    REQUIRE(record.faults.size() == 2);
    CHECK(record.faults[0] == "The last line of metrics.csv has no end, as a killed run leaves it: it is left out.");
    CHECK(record.faults[1] == "metrics.csv has 1 damaged line, which is left out.");
    CHECK(record.metrics.steps == std::vector<double>{0, 2, 4, 6});
    support::write_text(made.run.metrics(), "step,source,tracks.bass.EB,new\n0,data,1.5,7\n0,model,2.5,\n4,model,,8\n");
    record = read_run(made.run.path());
    CHECK(record.faults.empty());
    CHECK(record.metrics.data.at("tracks.bass.EB") == 1.5);
    CHECK(record.metrics.model.size() == 1);
    CHECK(record.metrics.model.at("tracks.bass.EB").front() == 2.5);
    support::write_text(made.run.metrics(), std::string(100, '\0'));
    check_fault(read_run(made.run.path()), {"Left out: ", "metrics.csv] is empty"});
}

TEST_CASE("run record: while a run trains, what is being written is left out without a word") {
    const MadeRun made;
    const std::string log = support::read_text(made.run.log()), metrics = support::read_text(made.run.metrics());
    support::write_text(made.run.log(), log.substr(0, log.size() - 4));
    support::write_text(made.run.metrics(), metrics.substr(0, metrics.size() - 4));
    support::write_text(made.run.sample(6, ".safetensors"), "x");
    support::write_text(made.run.evaluation(), "{");
    RunRecord record = read_run(made.run.path(), {}, true);
    CHECK(record.is_training);
    CHECK(fmt::format("{}", fmt::join(record.faults, "; ")) == "");
    CHECK(record.log.rows() == 5);
    CHECK(record.metrics.steps == std::vector<double>{0, 2, 4});
    CHECK(steps_of(record) == std::vector<std::int64_t>{0, 2, 4});
    CHECK(record.nearest.empty());
    // What no writing leaves is a fault then as well, and so is all of it once nobody trains.
    support::write_text(made.run.log(), log + "\"7\n");
    check_fault(read_run(made.run.path(), {}, true), {"log.csv has 1 damaged line"});
    support::write_text(made.run.log(), "");
    CHECK(read_run(made.run.path(), {}, true).faults.empty());
    record = read_run(made.run.path());
    CHECK_FALSE(record.is_training);
    CHECK(record.faults.size() == 4);
    CHECK(record.nearest.size() == 4);
}

TEST_CASE("run record: steps that are asked for, and the time that the last hundred steps let expect") {
    RunRecord record;
    CHECK_FALSE(record.steps_asked());
    CHECK_FALSE(record.seconds_left());
    record.settings = {{"steps", "300"}};
    CHECK(record.steps_asked() == 300);
    CHECK_FALSE(record.seconds_left());
    record.log.columns = {"step", "steps_per_second"};
    record.log.values.resize(2);
    for (int step = 1; step <= 200; ++step) {
        record.log.values[0].push_back(step);
        record.log.values[1].push_back(step <= 100 ? 1000 : step % 2 == 0 ? 2 : 1);
    }
    CHECK(record.seconds_left() == 75);  // 100 steps, of 0.75 s in the middle
    record.log.values[1].back() = std::numeric_limits<double>::quiet_NaN();
    record.log.values[1][198] = 0;  // neither of these says anything
    CHECK(record.seconds_left().value() == doctest::Approx(75));
    record.settings = {{"steps", "199"}};  // a run that was resumed for more
    CHECK_FALSE(record.steps_asked());
    CHECK_FALSE(record.seconds_left());
}

TEST_CASE("run record: damaged samples are left out, counted and named, and others stand for them") {
    const MadeRun made;
    support::write_text(made.run.sample(6, ".safetensors"), "x");
    support::write_text(made.run.sample(2, ".safetensors"), "");
    RunRecord record = read_run(made.run.path());
    CHECK(steps_of(record) == std::vector<std::int64_t>{0, 4});
    CHECK(record.sample_files == 4);
    check_fault(record, {"2 of 4 files of samples could not be read and are left out", "step_000002.safetensors]",
                         "step_000006.safetensors]"});
    for (const int step : {0, 4}) support::write_text(made.run.sample(step, ".safetensors"), "");
    record = read_run(made.run.path());
    CHECK(record.samples.empty());
    CHECK(record.nearest.empty());
    check_fault(record, {"4 of 4 files", "; and others"});
}

TEST_CASE("run record: of very many samples some are read, those of the paper's steps among them") {
    const support::TemporaryFolder folder;
    const RunFolder run(folder.path());
    support::write_text(run.config(), "");
    for (std::int64_t step = 0; step <= 10'000; step += 50) write_sample(run, step, noise(paper_shape.on_grid(4), 20));
    RunRecord record = read_run(run.path());
    const std::vector<std::int64_t> steps = steps_of(record);
    CHECK(steps.size() <= record_stages);
    CHECK(steps.size() > 15);
    for (const std::int64_t step : {0, 700, 2500, 6000, 7900, 10'000})
        CHECK_MESSAGE(std::ranges::binary_search(steps, step), step);
    CHECK(record.sample_files == 201);
    CHECK(record.samples.back().phrases.count() == static_cast<std::int64_t>(record_phrases));
    // The one at 7,900 is damaged: its neighbour is the nearest.
    support::write_text(run.sample(7900, ".safetensors"), "x");
    record = read_run(run.path());
    CHECK(std::ranges::binary_search(steps_of(record), 7850));
    check_fault(record, {"1 of 201 files of samples could not be read and is left out"});
}

TEST_CASE("run record: a dataset that is gone, another one, and one that is named") {
    const MadeRun made;
    const fs::path elsewhere = made.folder / "elsewhere.safetensors", other = made.folder / "other.safetensors";
    fs::rename(made.data(), elsewhere);
    RunRecord record = read_run(made.run.path());
    CHECK(record.faults.empty());
    CHECK(record.data == made.data());
    CHECK(record.nearest.empty());
    CHECK(read_run(made.run.path(), {.data = elsewhere}).nearest.size() == 4);
    CHECK_THROWS_WITH_AS(read_run(made.run.path(), {.data = made.data()}), doctest::Contains("cannot be opened"),
                         tensor::Error);
    write_dataset(other, noise(paper_shape, 3), std::vector<std::int64_t>{0, 0, 0});
    CHECK_THROWS_WITH_AS(read_run(made.run.path(), {.data = other}),
                         doctest::Contains("is not the dataset that the run began with"), tensor::Error);
    fs::copy(other, made.data());
    check_fault(read_run(made.run.path()), {"Left out: ", "is not the dataset that the run began with"});
    support::write_text(made.data(), "x");
    check_fault(read_run(made.run.path()), {"Left out: ", "data.safetensors]"});
}

TEST_CASE("run record: a configuration that cannot be read costs the settings") {
    const MadeRun made;
    support::write_text(made.run.config(), "name = \"compact\nrate = ");
    RunRecord record = read_run(made.run.path());
    check_fault(record, {"Left out: ", "config.toml:1]"});
    CHECK(record.settings.empty());
    CHECK(record.log.rows() == 6);
    support::write_text(made.run.config(), "settings = 3\nname = 4\n");
    record = read_run(made.run.path());
    CHECK(record.faults.empty());
    CHECK(record.preset == "4");
}

TEST_CASE("run record: an evaluation is found beside the run or where it is named, and costs only itself") {
    const MadeRun made;
    const std::string text = evaluation_json(evaluation_tests::example());
    support::write_text(made.folder / "named.json", text);
    CHECK(read_run(made.run.path(), {.evaluation = made.folder / "named.json"}).evaluation->sets.size() == 4);
    support::write_text(made.run.evaluation(), text);
    RunRecord record = read_run(made.run.path());
    CHECK(record.faults.empty());
    REQUIRE(record.evaluation);
    CHECK(record.evaluation->sets.front().values.at("DP") ==
          evaluation_tests::example().data->mean(metric_named("DP")).value());
    fs::last_write_time(made.run.evaluation(), fs::last_write_time(made.run.model()) - std::chrono::minutes(2));
    check_fault(read_run(made.run.path()), {"evaluation.json is older than the model"});
    // A copied run's files are of one moment, in any order.
    fs::last_write_time(made.run.evaluation(), fs::last_write_time(made.run.model()) - std::chrono::seconds(30));
    CHECK(read_run(made.run.path()).faults.empty());
    support::write_text(made.run.evaluation(), text.substr(0, text.size() / 2));
    record = read_run(made.run.path());
    check_fault(record, {"Left out: ", "evaluation.json] is no JSON"});
    CHECK_FALSE(record.evaluation);
    CHECK_THROWS_WITH_AS(read_run(made.run.path(), {.evaluation = made.run.evaluation()}),
                         doctest::Contains("is no JSON"), tensor::Error);
    CHECK_THROWS_AS(read_run(made.run.path(), {.interpolation = made.folder / "none"}), tensor::Error);
}

TEST_CASE("run record: the comment that names the dataset holds any path, and is kept when a run goes on") {
    const support::TemporaryFolder folder;
    for (const std::string name :
         {"plain", "with 'quotes' and \"more\"", "two\nlines = 1\n[settings]", "\xc3\xbc \x7f#"}) {
        CAPTURE(name);
        fs::create_directory(folder / name);
        RunOptions options = small_options(folder / name);
        options.steps = 1;
        options.evaluate_every = options.sample_every = 0;
        run_training(options, {});
        const std::string text = read_config(options.run);
        CHECK(data_path_in(text) == options.data);
        CHECK_NOTHROW(parse_preset(text, "config.toml"));
        RunOptions again;
        take_preset(parse_preset(text, "config.toml"), again);
        CHECK(config_toml(again) == config_toml(options));
        // The dataset is moved, and the run goes on with it.
        const fs::path moved = folder / name / "moved.safetensors";
        fs::rename(options.data, moved);
        options.data = moved;
        options.resume = true;
        options.steps = 2;
        run_training(options, {});
        CHECK(data_path_in(read_config(options.run)) == moved);
        CHECK(std::ranges::count(read_config(options.run), '\n') == std::ranges::count(text, '\n'));
    }
    CHECK_FALSE(data_path_in(""));
    CHECK_FALSE(data_path_in("# with --data"));
    CHECK_FALSE(data_path_in("# with --data somewhere\n"));
    CHECK_FALSE(data_path_in("# with --data \"\"\n"));
    CHECK(data_path_in("a = 1\n# with --data \"/x\"") == fs::path("/x"));
    CHECK(start_path_in("# with --start-from \"/y\"\n") == fs::path("/y"));
}

TEST_CASE("run record: a path that is no UTF-8 is not named, and costs nothing") {
    const support::TemporaryFolder folder;
    RunOptions options = small_options(folder.path());
    fs::rename(options.data, folder / "\xff.safetensors");
    options.data = folder / "\xff.safetensors";
    options.steps = 1;
    run_training(options, {});
    CHECK_FALSE(data_path_in(read_config(options.run)));
    CHECK(read_run(options.run.path()).faults.empty());
}
