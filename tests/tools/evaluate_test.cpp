// musegan evaluate as a user calls it.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "io/csv.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/evaluation/metric_list.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/tools/shell.hpp"

using nlohmann::json;
using support::Outcome;
using support::quoted;
using tools_tests::check_refused;
using tools_tests::check_usage_error;

namespace {

/// Not by its name, which is also that of the library's namespace.
Outcome command(const std::string& arguments) { return tools_tests::musegan(arguments); }

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Songs, a dataset of most of them, one of the rest, and two runs of one step: a composer and one that is given bass.
struct Fixture {
    support::TemporaryFolder folder;

    Fixture() {
        REQUIRE(command("synth --songs 6 --seed 4 --out " + in("songs")).exit_code == 0);
        REQUIRE(command("prepare " + in("songs") + " --held-out 0.3 --out " + in("data.safetensors")).exit_code == 0);
    }
    std::string in(const std::string& name) const { return quoted(folder.path() / name); }
    /// "evaluate ... --device cpu".
    std::string evaluate(const std::string& arguments) const { return "evaluate --device cpu " + arguments; }
    json evaluated(const std::string& arguments) const {
        const Outcome outcome = command(evaluate(arguments + " --json " + in("figures.json")));
        CAPTURE(outcome.output);
        REQUIRE(outcome.exit_code == 0);
        return json::parse(text_of(folder / "figures.json"));
    }
    void train(const std::string& run, const std::string& more = "") const {
        const Outcome outcome =
            command("train --data " + in("data.safetensors") +
                    " --device cpu --threads 1 --width 0.03125 --batch 2 --critic-steps 1 --steps 1 "
                    "--preset paper --steps-per-beat 4 --run " +
                    in(run) + " " + more);
        CAPTURE(outcome.output);
        REQUIRE(outcome.exit_code == 0);
    }
};

/// What is printed of the sets, without the progress before it.
std::string tables_of(const Outcome& outcome) { return outcome.output.substr(outcome.output.find("\ndata ")); }

/// All figures of a set, without what it is called.
json figures_of(json set) {
    for (const char* key : {"name", "about", "available_phrases"}) set.erase(key);
    return set;
}

}  // namespace

TEST_CASE("evaluate: a dataset alone is the data, as measure() has it, and its held-out songs stand beside it") {
    const Fixture fixture;
    const json found = fixture.evaluated(fixture.in("data.safetensors"));
    CHECK(found["format"] == "musegan evaluation");
    CHECK(found["grid"] == 24);
    const musegan::Dataset data = musegan::Dataset::open(fixture.folder / "data.safetensors");
    const musegan::Metrics metrics = musegan::measure(data.phrases());
    CHECK(found["phrases"] == data.count());
    CHECK(found["tracks"]["bass"]["EB"] == metrics.tracks[0].empty_bars.value());
    CHECK(found["tracks"]["piano"]["QN"] == metrics.tracks[3].qualified_notes.value());
    CHECK(found["counts"]["tracks"]["piano"]["QN"] == metrics.tracks[3].qualified_notes.count);
    CHECK(found["DP"] == metrics.drum_pattern.value());
    CHECK(found["TD"]["S-P"] == metrics.tonal_distance[5].value());
    const musegan::Dataset held_out = musegan::Dataset::open(fixture.folder / "data-held-out.safetensors");
    CHECK(found["held_out"]["phrases"] == held_out.count());
    CHECK(found["held_out"]["DP"] == musegan::measure(held_out.phrases()).drum_pattern.value());

    const Outcome shown = command(fixture.evaluate(fixture.in("data.safetensors")));
    CHECK(shown.says("all " + std::to_string(data.count()) + " phrases of "));
    CHECK(shown.output.find("nan") == std::string::npos);
}

TEST_CASE("evaluate: a folder of songs is what prepare makes of it, by the same options") {
    const Fixture fixture;
    std::filesystem::remove(fixture.folder / "data-held-out.safetensors");
    for (const std::string options : {"", " --min-tracks 5", " --key transpose --max-phrases 2"}) {
        REQUIRE(command("prepare " + fixture.in("songs") + options + " --out " + fixture.in("data.safetensors"))
                    .exit_code == 0);
        const json dataset = fixture.evaluated(fixture.in("data.safetensors"));
        const json songs = fixture.evaluated(fixture.in("songs") + options);
        CHECK(figures_of(songs) == figures_of(dataset));
    }
    // A file of a song, and an archive of pypianoroll, are sets as well.
    CHECK(fixture.evaluated(fixture.in("songs/song_0001.mid"))["phrases"] > 0);
}

TEST_CASE("evaluate: coarser grids, samples and options are those that measure() takes") {
    const Fixture fixture;
    const musegan::Dataset data = musegan::Dataset::open(fixture.folder / "data.safetensors");
    const std::string path = fixture.in("data.safetensors");
    for (const int grid : {4, 8, 12}) {
        const json found = fixture.evaluated(path + " --steps-per-beat " + std::to_string(grid));
        const musegan::Metrics metrics = musegan::measure(musegan::on_grid(data.phrases(), grid));
        CHECK(found["grid"] == grid);
        CHECK(found["tracks"]["guitar"]["UPC"] == metrics.tracks[2].pitch_classes.value());
        CHECK(found["DP"].is_null() == (grid == 4));
        CHECK(found["tracks"]["bass"]["QN"].is_null() == (grid == 4));
        CHECK(found["counts"]["DP"] == metrics.drum_pattern.count);
    }
    const json other = fixture.evaluated(path +
                                         " --fold as-released --qn-threshold 7 --drum-tolerance 0.1 "
                                         "--drum-shifts 1");
    const musegan::Metrics metrics = musegan::measure(data.phrases(), {7, 0.1, 1, musegan::ChromaFold::as_released});
    CHECK(other["tracks"]["strings"]["UPC"] == metrics.tracks[4].pitch_classes.value());
    CHECK(other["tracks"]["strings"]["QN"] == metrics.tracks[4].qualified_notes.value());
    CHECK(other["DP"] == metrics.drum_pattern.value());
    CHECK(other["options"]["fold"] == "as-released");

    const json sample = fixture.evaluated(path + " --sample 5");
    CHECK(sample["phrases"] == 5);
    CHECK(sample["available_phrases"] == data.count());
    CHECK(sample["tracks"]["bass"]["UPC"] ==
          musegan::measure(musegan::spread(data.phrases(), 5)).tracks[0].pitch_classes.value());
    CHECK(sample["errors"]["tracks"]["drums"]["notes_per_bar"] > 0);
    CHECK_FALSE(fixture.evaluated(path).contains("errors"));
    // A set of one phrase: no pair of phrases, and no error.
    const json one = fixture.evaluated(path + " --sample 1");
    CHECK(one["distance"].is_null());
    CHECK(one["errors"]["tracks"]["drums"]["notes_per_bar"].is_null());
}

TEST_CASE("evaluate: runs beside the data, the same for any number of threads") {
    const Fixture fixture;
    fixture.train("run", "--output stochastic");
    fixture.train("given", "--condition bass");
    const std::string against = " --against " + fixture.in("data.safetensors");
    const std::string of_run = fixture.in("run") + against + " --phrases 6 --copies 4";
    const Outcome shown = command(fixture.evaluate(of_run + " --threads 1"));
    CAPTURE(shown.output);
    CHECK(shown.exit_code == 0);
    CHECK(shown.says(" of 16 marks missed: "));
    for (const char* name : {"bass lowest: ", "bass mostly of one voice: ", "chords that share pitches: "})
        CHECK(shown.says(name));
    CHECK(shown.output.find("nan") == std::string::npos);
    CHECK(tables_of(command(fixture.evaluate(of_run + " --threads 3 --seed 1"))) == tables_of(shown));
    CHECK(tables_of(command(fixture.evaluate(of_run + " --threads 3 --seed 2"))) != tables_of(shown));
    // Neurons are -1 or 1: every threshold between says the same of them.
    CHECK(tables_of(command(fixture.evaluate(of_run + " --threads 1 --threshold 0.5"))) == tables_of(shown));

    const json both = fixture.evaluated(fixture.in("given") + " " + fixture.in("run/model.safetensors") + against +
                                        " --phrases 5 --copies 3");
    CHECK(both["grid"] == 4);
    CHECK(both["phrases"] == 5);
    CHECK(both["available_phrases"].is_null());
    CHECK(both["more"].size() == 1);
    CHECK(both["more"][0]["phrases"] == 5);
    CHECK(both["against"]["phrases"] == musegan::Dataset::open(fixture.folder / "data.safetensors").count());
    // What a model is given is not its work.
    CHECK(both["tracks"]["bass"]["EB"].is_null());
    CHECK(both["tracks"]["drums"]["EB"].is_number());
    CHECK(both["more"][0]["tracks"]["bass"]["EB"].is_number());
    CHECK(both["copying"]["looked_at"] == 3);
    CHECK(both["held_out"]["copying"]["nearest"].size() == 3);
    // Without data a model has a row, and nothing is compared.
    const json alone = fixture.evaluated(fixture.in("run") + " --phrases 2");
    CHECK(alone["phrases"] == 2);
    CHECK_FALSE(alone.contains("against"));
    CHECK_FALSE(alone.contains("distance_to_data"));
}

TEST_CASE("evaluate: held-out songs are no copies, the data's own phrases are, and pictures and tables are written") {
    const Fixture fixture;
    const std::string data = fixture.in("data.safetensors");
    const json found =
        fixture.evaluated(data + " --against " + data + " --shuffle-bars --csv " + fixture.in("figures.csv") +
                          " --png " + fixture.in("histograms.png") + " --nearest " + fixture.in("nearest.png"));
    CHECK(found["copying"]["share"] == 100.0);
    CHECK(found["copying"]["median"] == 0.0);
    CHECK(found["held_out"]["copying"]["share"] < 100.0);
    // Of a sample, too, a number is that of the phrase in its dataset.
    const json sample = fixture.evaluated(data + " --against " + data + " --sample 5");
    const musegan::Dataset opened = musegan::Dataset::open(fixture.folder / "data.safetensors");
    REQUIRE(sample["copying"]["nearest"].size() == 5);
    for (const json& pair : sample["copying"]["nearest"])
        CHECK(std::ranges::equal(opened.phrases()[pair["phrase"].get<std::int64_t>()],
                                 opened.phrases()[pair["data_phrase"].get<std::int64_t>()]));
    CHECK(found["distance_to_data"]["EB"] == 0.0);
    CHECK(found["held_out"]["times_floor"]["EB"] == 1.0);
    // Shuffled bars: tracks are as they were, but for notes that went over bar lines.
    CHECK(found["shuffled"]["tracks"]["bass"]["EB"] == found["tracks"]["bass"]["EB"]);
    CHECK(found["shuffled"]["TD"]["B-G"] != found["TD"]["B-G"]);
    for (const char* picture : {"histograms.png", "nearest.png"})
        CHECK(text_of(fixture.folder / picture).starts_with("\x89PNG"));
    const auto rows = io::parse_csv(text_of(fixture.folder / "figures.csv"), "figures.csv");
    REQUIRE(rows.size() == 5);  // names, data, shuffled, held-out, the set
    for (const auto& row : rows) CHECK(row.size() == rows[0].size());
}

TEST_CASE("evaluate: what makes no sense is refused") {
    const Fixture fixture;
    fixture.train("run");
    fixture.train("given", "--condition bass");
    const std::string data = fixture.in("data.safetensors"), run = fixture.in("run"), given = fixture.in("given");
    check_usage_error(fixture.evaluate(""), {"[evaluate] nothing to measure, expected a run, a dataset or a folder"});
    check_usage_error(fixture.evaluate(data + " --against " + run), {"[--against]", "is a model, expected a dataset"});
    check_usage_error(fixture.evaluate(data + " --against " + data + " --held-out " + run),
                      {"[--held-out]", "is a model, expected a dataset"});
    check_usage_error(fixture.evaluate(given + " --phrases 2"), {"given", "expected --against DATASET"});
    for (const char* option : {"--seed 2", "--binarize threshold", "--threshold 0.5", "--temperature 1", "--phrases 4"})
        check_usage_error(fixture.evaluate(data + " " + option), {"without a model, expected a run among the sets"});
    check_usage_error(fixture.evaluate(data + " --min-tracks 2"), {"without songs, expected a folder of them"});
    check_usage_error(fixture.evaluate(run + " --steps-per-beat 24 --phrases 1"),
                      {"[--steps-per-beat] 24, expected a grid that divides those of all sets: 4"});
    check_usage_error(fixture.evaluate(data + " --steps-per-beat 5"),
                      {"[--steps-per-beat] '5', expected auto, 4, 8, 12 or 24"});
    check_usage_error(fixture.evaluate(data + " --qn-threshold 0"), {"[--qn-threshold] '0', expected 1 to 384"});
    check_usage_error(fixture.evaluate(data + " --drum-tolerance nan"), {"[--drum-tolerance] 'nan'"});
    check_usage_error(fixture.evaluate(run + " --held-out " + data), {"[--held-out] without --against"});
    check_usage_error(fixture.evaluate(run + " --phrases 0"), {"[--phrases] '0', expected 1 to 100000"});
    check_usage_error(fixture.evaluate(data + " --png " + fixture.in("a.gif")), {"a.gif", ".png"});
    check_usage_error(fixture.evaluate(run + " --phrases 1 --nearest " + fixture.in("a.png")), {"[--nearest] without"});
    check_usage_error(fixture.evaluate(data + " --copies 0 --nearest " + fixture.in("a.png")), {"[--nearest] without"});
    CHECK_FALSE(std::filesystem::exists(fixture.folder / "a.png"));
    check_refused(fixture.evaluate(run + " --phrases 1 --threshold 0.5 --binarize bernoulli"),
                  {"[threshold] 0.5 with binarize bernoulli"});
}

TEST_CASE("evaluate: sets that cannot be read are refused in one line") {
    const Fixture fixture;
    const std::string data = fixture.in("data.safetensors");
    std::filesystem::create_directory(fixture.folder / "empty");
    check_refused(fixture.evaluate(fixture.in("empty")), {"empty] is no run and holds no songs"});
    check_refused(fixture.evaluate(fixture.in("nothing")), {"nothing", "expected a run, a dataset or songs"});
    std::filesystem::create_directory(fixture.folder / "weightless");
    std::ofstream(fixture.folder / "weightless" / "log.csv") << "step\n";
    check_refused(fixture.evaluate(fixture.in("weightless")), {"weightless", "no model.safetensors"});
    std::ofstream(fixture.folder / "text.safetensors") << "no safetensors at all";
    check_refused(fixture.evaluate(fixture.in("text.safetensors")), {"text.safetensors"});
    check_refused(fixture.evaluate(data + " --json " + data), {"is one of the sets, or a file of one"});
    check_refused(fixture.evaluate(fixture.in("songs") + " --csv " + fixture.in("songs/song_0001.mid")),
                  {"is one of the sets, or a file of one, expected another path"});
    check_refused(fixture.evaluate(data + " --json " + fixture.in("x") + " --csv " + fixture.in("songs/../x")),
                  {"is to be written twice, expected a path of its own"});
    check_refused(fixture.evaluate(data + " --json " + fixture.in("no/folder/x.json")), {"x.json"});

    const musegan::PackedPhrases short_ones = support::random_phrases(3, 1, {.bars = 2});
    musegan::write_dataset(fixture.folder / "short", short_ones, std::vector<std::int64_t>{0, 1, 2});
    check_refused(fixture.evaluate(fixture.in("short") + " --against " + data),
                  {"short] phrases of 2 bars, 24 steps per beat", "expected those of", "data.safetensors: 4 bars"});
    CHECK(command(fixture.evaluate(fixture.in("short"))).exit_code == 0);  // alone they can be measured
}
