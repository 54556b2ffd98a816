// Preparation from the Lakh sets: kinds of files mixed in one call, lists, splits, phrases that several songs have.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "io/csv.hpp"
#include "io/file.hpp"
#include "io/npy.hpp"
#include "io/zip.hpp"
#include "musegan/data/prepare.hpp"
#include "musegan/data/synth.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "musegan/phrase/transposition.hpp"
#include "musegan/sources/midi_source.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
namespace fs = std::filesystem;

namespace {

using Row = std::map<std::string, std::string>;

/// The report by the names of the files, without their folders.
std::map<std::string, Row> read_report(const fs::path& path) {
    const auto table = io::parse_csv(support::read_text(path), "report");
    std::map<std::string, Row> rows;
    for (std::size_t line = 1; line < table.size(); ++line) {
        Row row;
        for (std::size_t column = 0; column < table[0].size(); ++column) row[table[0][column]] = table[line][column];
        rows[fs::path(row.at("path")).filename().string()] = row;
    }
    return rows;
}

PrepareOptions options_for(const support::TemporaryFolder& folder) {
    PrepareOptions options;
    options.inputs = {folder / "songs"};
    options.out = folder / "data.safetensors";
    options.report = folder / "report.csv";
    options.jobs = 2;
    return options;
}

PianoRoll roll_of(int number) { return whole_song(MidiSource(synthesize_song(7, number)), "song").roll; }

PackedPhrases phrases_of(int number) { return cut_song(MidiSource(synthesize_song(7, number))).phrases; }

void write_midi(const fs::path& path, int number) {
    fs::create_directories(path.parent_path());
    io::write_midi(path, synthesize_song(7, number));
}

void write_multitrack(const fs::path& path, int number) {
    fs::create_directories(path.parent_path());
    write_pypianoroll(path, roll_of(number));
}

/// An array of the first code's kind: (phrases, 384, 84, 5), tracks bass, drums, guitar, strings, piano.
void write_array(const fs::path& path, const PackedPhrases& phrases) {
    static constexpr std::array<int, n_tracks> place{0, 1, 2, 4, 3};
    const std::int64_t cells = paper_shape.cells();
    std::vector<std::uint8_t> dense(static_cast<std::size_t>(phrases.count() * cells));
    for (std::int64_t k = 0; k < phrases.count(); ++k)
        for_each_cell(paper_shape, phrases.view()[k], [&](std::int64_t step, int pitch, int track) {
            const std::int64_t cell = (step * 84 + pitch) * 5 + place[static_cast<std::size_t>(track)];
            dense[static_cast<std::size_t>(k * cells + cell)] = 1;
        });
    io::NpyArray array = io::npy_bools(dense);
    array.shape = {phrases.count(), 384, 84, 5};
    const auto bytes = io::serialize_npy(array, "array");
    fs::create_directories(path.parent_path());
    support::write_text(path, std::string(bytes.begin(), bytes.end()));
}

std::set<std::string> contents(const PhraseView& phrases) {
    std::set<std::string> all;
    for (std::int64_t k = 0; k < phrases.count(); ++k) all.emplace(phrases[k].begin(), phrases[k].end());
    return all;
}

std::string outcome_text(const std::map<std::string, Row>& rows) {
    std::string text;
    for (const auto& [name, row] : rows) text += name + " " + row.at("outcome") + "\n";
    return text;
}

}  // namespace

TEST_CASE("prepare: MIDI, pypianoroll and arrays in one call, told apart by what they hold") {
    const support::TemporaryFolder folder;
    write_midi(folder / "songs/a.mid", 0);
    write_multitrack(folder / "songs/b.npz", 1);
    write_array(folder / "songs/c.npy", phrases_of(2));
    io::write_midi(folder / "songs/d.npz", synthesize_song(7, 3));  // called wrongly
    io::ZipWriter archive;
    archive.add("inner/e.npz", support::read_text([&] {
                    write_multitrack(folder / "e.npz", 4);
                    return folder / "e.npz";
                }()));
    archive.write(folder / "songs/f.zip");
    support::write_text(folder / "songs/g.npz", "nothing");
    io::ZipWriter other;
    other.add("weights.npy", "no array");
    other.write(folder / "songs/h.npz");
    const PrepareSummary summary = prepare(options_for(folder));
    const auto rows = read_report(folder / "report.csv");
    CHECK(outcome_text(rows) ==
          "a.mid kept\nb.npz kept\nc.npy kept\nd.npz kept\ne.npz kept\ng.npz malformed\nh.npz malformed\n");
    CHECK(rows.at("a.mid").at("kind") == "midi");
    CHECK(rows.at("b.npz").at("kind") == "pypianoroll");
    CHECK(rows.at("c.npy").at("kind") == "array");
    CHECK(rows.at("d.npz").at("kind") == "midi");
    CHECK(rows.at("e.npz").at("kind") == "pypianoroll");
    CHECK(rows.at("c.npy").at("song") == "2");
    CHECK(summary.songs == 5);
    // Every phrase once, in the order of the paths: pypianoroll files of ours hold the very cells of the song.
    PackedPhrases expected{paper_shape, {}};
    for (int number = 0; number < 5; ++number) expected.append(phrases_of(number).bits);
    const Dataset data = Dataset::open(folder / "data.safetensors");
    CHECK(std::ranges::equal(data.phrases().bits(), expected.bits));
    CHECK(data.metadata().at("inputs") == describe_kinds(summary.kinds));
    CHECK(describe_kinds(summary.kinds).starts_with("midi: 2 files, 2 songs, "));
    CHECK_FALSE(data.metadata().contains("part"));
    CHECK_FALSE(data.metadata().contains("prepared_with"));
}

TEST_CASE("prepare: a phrase that an earlier song has is left out, and a song without another is a duplicate") {
    const support::TemporaryFolder folder;
    write_midi(folder / "songs/a.mid", 0);
    write_multitrack(folder / "songs/b.npz", 0);
    write_array(folder / "songs/c.npy", phrases_of(0));
    PackedPhrases mixed = phrases_of(1);
    mixed.append(phrases_of(0).view()[0]);
    write_array(folder / "songs/d.npy", mixed);
    const PrepareSummary summary = prepare(options_for(folder));
    const auto rows = read_report(folder / "report.csv");
    CHECK(outcome_text(rows) == "a.mid kept\nb.npz duplicate\nc.npy duplicate\nd.npy kept\n");
    const std::string count = std::to_string(phrases_of(0).count());
    CHECK(rows.at("b.npz").at("shared_phrases") == count);
    CHECK(rows.at("b.npz").at("same_as") == (folder / "songs/a.mid").string());
    CHECK(rows.at("b.npz").at("detail") == fmt::format("all {} phrases are in earlier files, most of them in {}", count,
                                                       (folder / "songs/a.mid").string()));
    CHECK(rows.at("b.npz").at("song").empty());
    CHECK(rows.at("d.npy").at("shared_phrases") == "1");
    CHECK(summary.songs == 2);
    CHECK(Dataset::open(folder / "data.safetensors").count() == phrases_of(0).count() + phrases_of(1).count());
    CHECK(summary.report_kinds.mended().back().name == "shared_phrases");
}

TEST_CASE("prepare: songs are held out whole, and both datasets and the report say which") {
    const support::TemporaryFolder folder;
    for (int number = 0; number < 20; ++number) write_midi(folder / "songs" / fmt::format("{:02}.mid", number), number);
    PrepareOptions options = options_for(folder);
    options.held_out = 0.2;
    options.seed = 5;
    options.augment = 1;
    const PrepareSummary summary = prepare(options);
    CHECK(summary.held_out_songs == 4);
    const Dataset training = Dataset::open(options.out), held_out = Dataset::open(folder / "data-held-out.safetensors");
    CHECK(held_out_path(options.out) == folder / "data-held-out.safetensors");
    CHECK(training.metadata().at("part") == "training");
    CHECK(held_out.metadata().at("part") == "held_out");
    CHECK(training.metadata().at("prepared_with") == "augment 1; held_out 0.2; seed 5");
    CHECK(held_out.metadata().at("song_count") == "4");
    CHECK(training.metadata().at("song_count") == "16");
    CHECK(training.count() + held_out.count() == summary.phrases + summary.copies);
    CHECK(training.metadata().at("inputs") ==
          fmt::format("midi: 16 files, 16 songs, {} phrases", training.count() - summary.copies));
    CHECK(held_out.metadata().at("inputs") == fmt::format("midi: 4 files, 4 songs, {} phrases", held_out.count()));
    PackedPhrases plain{paper_shape, {}}, out{paper_shape, {}};
    std::int64_t copies = 0, told = 0, phrases = 0;
    for (const auto& [name, row] : read_report(options.report)) {
        const int number = std::stoi(name);
        told += std::stoll(row.at("copies"));
        phrases += std::stoll(row.at("phrases"));
        CHECK(row.at("song") == std::to_string(number));
        REQUIRE((row.at("part") == "held_out" || row.at("part") == "training"));
        const bool is_out = row.at("part") == "held_out";
        (is_out ? out : plain).append(phrases_of(number).bits);
        if (!is_out)
            for (const int semitones : {1, -1}) copies += transposed(phrases_of(number), semitones).count();
    }
    // The songs held out are as they are; the others come with copies a semitone higher and lower.
    CHECK(std::ranges::equal(held_out.phrases().bits(), out.bits));
    CHECK(std::ranges::includes(contents(training.phrases()), contents(plain)));
    CHECK(training.count() == plain.count() + copies);
    CHECK(summary.copies == copies);
    CHECK(told == copies);
    CHECK(phrases == summary.phrases);
    const std::string bytes = support::read_text(options.out);
    options.jobs = 1;
    prepare(options);
    CHECK(support::read_text(options.out) == bytes);
}

TEST_CASE("prepare: lists and match scores choose before a file is opened") {
    const support::TemporaryFolder folder;
    const std::string a(32, 'a'), b(32, 'b'), c(32, 'c'), d(32, 'd');
    const std::string song = "TRAAAAAAAAAAAAAAAA", other = "TRBBBBBBBBBBBBBBBB";
    write_midi(folder / "songs" / (a + ".mid"), 0);
    write_midi(folder / "songs" / (b + ".mid"), 1);
    write_multitrack(folder / "songs" / (c + ".npz"), 2);
    support::write_text(folder / "songs" / (d + ".mid"), "not looked at");
    support::write_text(folder / "matched.txt",
                        fmt::format("{}    {}\n{}    {}\n{}    {}\n", a, song, b, song, c, other));
    support::write_text(folder / "rock.txt", song + "\nTRCCCCCCCCCCCCCCCC\n");
    support::write_text(folder / "pop.txt", other + "\n");
    support::write_text(
        folder / "scores.json",
        fmt::format(R"({{"{}": {{"{}": 0.6, "{}": 0.7}}, "{}": {{"{}": 0.5}}}})", song, a, b, other, c));
    PrepareOptions options = options_for(folder);
    options.selection.ids = {folder / "matched.txt"};
    CHECK(prepare(options).songs == 3);
    options.selection.ids.push_back(folder / "rock.txt");
    PrepareSummary summary = prepare(options);
    CHECK(describe_outcomes(summary.outcomes) == "kept 2, not_listed 2");
    REQUIRE(summary.lists.size() == 2);
    CHECK(summary.lists[1].without_file == 1);
    options.selection.ids.push_back(folder / "pop.txt");
    options.selection.match_scores = folder / "scores.json";
    summary = prepare(options);
    CHECK(describe_outcomes(summary.outcomes) == "kept 2, not_listed 1, not_best 1");
    options.selection.min_score = 0.55;
    summary = prepare(options);
    CHECK(describe_outcomes(summary.outcomes) == "kept 1, not_listed 1, low_score 1, not_best 1");
    CHECK(read_report(options.report).at(b + ".mid").at("outcome") == "kept");
    CHECK(Dataset::open(options.out).metadata().at("prepared_with") == "ids 3 lists; match_scores; min_score 0.55");
    support::write_text(folder / "none.txt", std::string(32, 'e') + "\n");
    options.selection.ids = {folder / "none.txt"};
    CHECK(support::message_of([&] { prepare(options); }).find("none.txt") != std::string::npos);
    support::write_text(folder / "empty.txt", "");
    options.selection.ids = {folder / "empty.txt"};
    CHECK(support::message_of([&] { prepare(options); }).find("empty.txt") != std::string::npos);
}

TEST_CASE("prepare: arrays that cannot be read, and what the report says of one on both sides of a split") {
    const support::TemporaryFolder folder;
    PackedPhrases many{paper_shape, {}};
    for (int number = 0; number < 60; ++number) many.append(phrases_of(number).bits);
    write_array(folder / "songs/a.npy", many);
    const std::string whole = support::read_text(folder / "songs/a.npy");
    support::write_text(folder / "songs/b.npy", whole.substr(0, whole.size() - 1));
    support::write_text(folder / "songs/c.npy", whole.substr(0, 20));
    PrepareOptions options = options_for(folder);
    options.held_out = 0.3;
    const PrepareSummary summary = prepare(options);
    CHECK(describe_outcomes(summary.outcomes) == "kept 1, malformed 2");
    const auto rows = read_report(folder / "report.csv");
    CHECK_FALSE(rows.at("b.npy").at("detail").empty());
    CHECK(rows.at("a.npy").at("part") == "both");
    CHECK(rows.at("a.npy").at("song").starts_with("0-"));
    CHECK(rows.at("b.npy").at("part").empty());
    CHECK(summary.held_out_phrases % 100 <= many.count() % 100);
}

TEST_CASE("prepare: what cannot be held out is told after the report, and outputs may not be each other") {
    const support::TemporaryFolder folder;
    for (const char* name : {"a.mid", "b.mid"}) write_midi(folder / "songs" / name, 0);
    PrepareOptions options = options_for(folder);
    options.held_out = 0.5;
    CHECK(support::message_of([&] { prepare(options); }).find("0 of 1 songs would be held out") == std::string::npos);
    CHECK(support::message_of([&] { prepare(options); }).find("[prepare] 1 of 1 songs would be held out") == 0);
    CHECK(read_report(options.report).at("b.mid").at("outcome") == "duplicate");
    CHECK_FALSE(fs::exists(options.out));
    CHECK_FALSE(fs::exists(held_out_path(options.out)));
    options.report = held_out_path(options.out);
    CHECK(support::message_of([&] { prepare(options); }) ==
          fmt::format("[{}] dataset and report are one file, expected two", options.report.string()));
}

TEST_CASE("prepare: a set that was held out does not stay beside a dataset of all songs") {
    const support::TemporaryFolder folder;
    for (int number = 0; number < 5; ++number) write_midi(folder / "songs" / fmt::format("{}.mid", number), number);
    PrepareOptions options = options_for(folder);
    options.held_out = 0.3;
    prepare(options);
    options.held_out = 0;
    const std::string message = support::message_of([&] { prepare(options); });
    CHECK(message.find("data-held-out.safetensors] holds songs that were held out of an earlier data.safetensors") !=
          std::string::npos);
    fs::remove(held_out_path(options.out));
    CHECK(prepare(options).songs == 5);
}

TEST_CASE("prepare: real files of every kind, the same bytes with one job and two") {
    const fs::path midi = support::shared_data("midi"), lpd = support::shared_data("lpd");
    if (midi.empty() || lpd.empty()) SKIP_TEST("no shared data");
    const support::TemporaryFolder folder;
    PrepareOptions options = options_for(folder);
    options.inputs = {lpd};
    for (const int song : {33, 48, 1121}) options.inputs.push_back(midi / fmt::format("song_{:04}.mid", song));
    options.held_out = 0.2;
    for (const auto segment : {Segmentation::fixed, Segmentation::sf, Segmentation::sf_authors}) {
        options.filter.segment = segment;
        options.jobs = 1;
        const PrepareSummary summary = prepare(options);
        CHECK(summary.files == 20);
        const std::string bytes = support::read_text(options.out), report = support::read_text(options.report);
        options.jobs = 2;
        prepare(options);
        CHECK(support::read_text(options.out) == bytes);
        CHECK(support::read_text(options.report) == report);
    }
}
