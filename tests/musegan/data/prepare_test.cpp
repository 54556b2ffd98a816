#include "musegan/data/prepare.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "io/csv.hpp"
#include "musegan/data/synth.hpp"
#include "musegan/sources/files.hpp"
#include "musegan/sources/midi_source.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
namespace fs = std::filesystem;

namespace {

/// One line of a report, by column name.
using Row = std::map<std::string, std::string>;

std::vector<Row> read_report(const fs::path& path) {
    const auto table = io::parse_csv(support::read_text(path), "report");
    std::vector<Row> rows;
    for (std::size_t line = 1; line < table.size(); ++line) {
        REQUIRE(table[line].size() == table[0].size());
        Row row;
        for (std::size_t column = 0; column < table[0].size(); ++column) row[table[0][column]] = table[line][column];
        rows.push_back(row);
    }
    return rows;
}

/// A folder with songs of every fate.
void fill(const support::TemporaryFolder& folder) {
    write_songs(folder / "songs/b", 3, 1);
    write_songs(folder / "songs/a", 2, 2);
    io::MidiFile waltz = synthesize_song(3, 0);
    waltz.meters = {{0, 3, 4}};
    io::write_midi(folder / "songs/waltz.MIDI", waltz);
    io::MidiFile solo = synthesize_song(3, 1);
    std::erase_if(solo.notes, [](const io::MidiNote& note) { return note.track <= 2; });
    io::write_midi(folder / "songs/solo, piano.kar", solo);
    support::write_text(folder / "songs/text.mid", "no MIDI at all");
    support::write_text(folder / "songs/empty.mid", "");
    support::write_text(folder / "songs/readme.txt", "not looked at");
    fs::create_directories(folder / "songs/folder.mid");
}

PrepareOptions options_for(const support::TemporaryFolder& folder, const std::string& name) {
    PrepareOptions options;
    options.inputs = {folder / "songs"};
    options.out = folder / (name + ".safetensors");
    options.report = folder / (name + ".csv");
    options.jobs = 1;
    return options;
}

std::string failure_of(const PrepareOptions& options) {
    return support::message_of([&] { prepare(options); });
}

}  // namespace

TEST_CASE("prepare: every file is in the report with kept or the reason, and the dataset has what was kept") {
    const support::TemporaryFolder folder;
    fill(folder);
    PrepareOptions options = options_for(folder, "one");
    options.notes = {"synth", "CC0-1.0"};
    std::int64_t calls = 0;
    options.progress = [&](std::int64_t done, std::int64_t total) {
        CHECK(done == ++calls);
        CHECK(total == 9);
    };
    const PrepareSummary summary = prepare(options);
    CHECK(calls == 9);
    CHECK(summary.songs == 5);
    CHECK(summary.files == 9);
    CHECK(describe_outcomes(summary.outcomes) == "kept 5, malformed 2, meter 1, missing_track 1");

    const std::vector<Row> rows = read_report(options.report);
    REQUIRE(rows.size() == 9);
    std::vector<std::string> paths, outcomes;
    std::int64_t phrases = 0;
    for (const Row& row : rows) {
        paths.push_back(fs::relative(row.at("path"), folder / "songs").string());
        outcomes.push_back(row.at("outcome"));
        phrases += std::stoll(row.at("phrases"));
        CHECK(row.at("outcome").empty() == false);
        CHECK((row.at("outcome") == "kept") == row.at("detail").empty());
        CHECK((row.at("outcome") == "kept") == !row.at("song").empty());
    }
    CHECK(paths == std::vector<std::string>{"a/song_0001.mid", "a/song_0002.mid", "b/song_0001.mid", "b/song_0002.mid",
                                            "b/song_0003.mid", "empty.mid", "solo, piano.kar", "text.mid",
                                            "waltz.MIDI"});
    CHECK(outcomes == std::vector<std::string>{"kept", "kept", "kept", "kept", "kept", "malformed", "missing_track",
                                               "malformed", "meter"});
    CHECK(rows[6].at("detail") == "no bass, no drums");
    CHECK(rows[6].at("tracks") == "guitar;piano;strings");
    CHECK(rows[8].at("meter") == "3/4");
    CHECK(rows[4].at("song") == "4");
    CHECK(rows[0].at("notes") == rows[0].at("notes_kept"));

    const Dataset data = Dataset::open(options.out);
    CHECK(data.count() == phrases);
    CHECK(data.count() == summary.phrases);
    CHECK(data.metadata().at("source") == "synth");
    CHECK(data.song(0) == 0);
    CHECK(data.song(data.count() - 1) == 4);
    const Song last = cut_song(MidiSource(synthesize_song(1, 2)));
    CHECK(std::ranges::equal(last.phrases.bits, data.phrases().bits().last(last.phrases.bits.size())));
}

TEST_CASE("prepare: what was mended or left out is told by kind, with numbers and an example") {
    const support::TemporaryFolder folder;
    fill(folder);
    // Two bars of 3/4 after eight bars, and a note without an end.
    io::MidiFile mixed = synthesize_song(5, 0);
    const std::int64_t quarter = mixed.ticks_per_quarter;
    mixed.meters = {{0, 4, 4}, {32 * quarter, 3, 4}, {38 * quarter, 4, 4}};
    std::vector<std::uint8_t> bytes = io::serialize_midi(mixed);
    const std::string open_note{0x00, '\x90', 60, 1, 0x00, '\xFF', 0x2F, 0x00};
    bytes.resize(bytes.size() - 4);
    bytes.insert(bytes.end(), open_note.begin(), open_note.end());  // the last length is now four bytes short
    const std::string absurd_end{'\xFF', '\xFF', '\xFF', 0x7F, '\xFF', 0x2F, 0x00};
    bytes.resize(bytes.size() - 4);
    bytes.insert(bytes.end(), absurd_end.begin(), absurd_end.end());
    io::MidiFile stray = synthesize_song(6, 0);
    stray.notes.push_back({5000 * 4 * quarter, 5000 * 4 * quarter + 9, 1, 0, 33, 40, 90});
    io::write_midi(folder / "songs/stray.mid", stray);
    support::write_text(folder / "songs/mixed.mid", std::string(bytes.begin(), bytes.end()));
    const PrepareOptions options = options_for(folder, "one");
    const PrepareSummary summary = prepare(options);
    const std::vector<Row> rows = read_report(options.report);
    const auto row = std::ranges::find_if(rows, [](const Row& each) { return each.at("path").ends_with("mixed.mid"); });
    REQUIRE(row != rows.end());
    CHECK(row->at("outcome") == "kept");
    CHECK(row->at("meter") == "3/4;4/4");
    CHECK(row->at("foreign_bars") == "2");
    CHECK(row->at("anomaly_kinds") == "wrong_lengths 1;late_events 1;unclosed_notes 1");
    CHECK(row->at("anomalies") == "3");
    CHECK(std::stoi(row->at("notes_in_foreign_bars")) > 0);
    CHECK(row->at("notes_too_late") == "0");

    const auto lines = [&](const std::vector<ReportKind>& kinds) {
        std::vector<std::string> list;
        for (const ReportKind& kind : kinds)
            list.push_back(fmt::format("{} {} {} {}", kind.name, kind.files, kind.parts,
                                       fs::relative(kind.example, folder / "songs").string()));
        return list;
    };
    CHECK(lines(summary.report_kinds.dropped()) == std::vector<std::string>{"malformed 2 2 empty.mid",
                                                                            "meter 1 1 waltz.MIDI",
                                                                            "missing_track 1 1 solo, piano.kar"});
    CHECK(summary.report_kinds.dropped()[2].meaning == "no bass, no drums");
    const std::int64_t waltz_bars = std::stoll(rows.back().at("foreign_bars"));
    CHECK(waltz_bars > 30);
    CHECK(lines(summary.report_kinds.mended()) ==
          std::vector<std::string>{
              "wrong_lengths 1 1 mixed.mid", "late_events 1 1 mixed.mid", "unclosed_notes 1 1 mixed.mid",
              fmt::format("foreign_bars 2 {} mixed.mid", 2 + waltz_bars), "notes_too_late 1 1 stray.mid"});
}

TEST_CASE("prepare: strict songs are in 4/4 throughout") {
    const support::TemporaryFolder folder;
    write_songs(folder / "songs", 1, 1);
    io::MidiFile halves = synthesize_song(5, 0);
    halves.meters = {{0, 2, 2}};
    io::write_midi(folder / "songs/halves.mid", halves);
    PrepareOptions options = options_for(folder, "one");
    CHECK(prepare(options).songs == 2);
    options.filter.strict_meter = true;
    CHECK(prepare(options).songs == 1);
    CHECK(read_report(options.report)[0].at("detail") == "2/2 at tick 0, expected 4/4 throughout");
}

TEST_CASE("prepare: a name with brackets keeps its reason whole") {
    const support::TemporaryFolder folder;
    write_songs(folder / "songs", 1, 1);
    support::write_text(folder / "songs/[1] a] b.mid", "no music");
    const PrepareOptions options = options_for(folder, "one");
    prepare(options);
    CHECK(read_report(options.report)[0].at("detail") ==
          "no MThd header in the first 8 of 8 bytes (is this a Standard MIDI File?)");
}

TEST_CASE("prepare: the bytes do not depend on the number of jobs or on how inputs are named") {
    const support::TemporaryFolder folder;
    fill(folder);
    PrepareOptions one = options_for(folder, "one"), four = options_for(folder, "four");
    four.jobs = 4;
    four.inputs = {folder / "songs/b", folder / "songs", folder / "songs/a/../a/song_0001.mid"};
    prepare(one);
    prepare(four);
    CHECK(support::read_text(one.out) == support::read_text(four.out));
    CHECK(support::read_text(one.report) == support::read_text(four.report));
}

TEST_CASE("prepare: a file named directly is taken whatever its ending") {
    const support::TemporaryFolder folder;
    io::write_midi(folder / "song.smf", synthesize_song(1, 0));
    PrepareOptions options = options_for(folder, "one");
    options.inputs = {folder / "song.smf"};
    options.report.clear();
    CHECK(prepare(options).songs == 1);
    options.filter.max_phrases = 2;
    CHECK(prepare(options).phrases == 2);
}

TEST_CASE("prepare: no phrase left is an error with the reasons, after the report") {
    const support::TemporaryFolder folder;
    fill(folder);
    fs::remove_all(folder / "songs/a");
    fs::remove_all(folder / "songs/b");
    const PrepareOptions options = options_for(folder, "one");
    const std::string message = failure_of(options);
    CHECK(message.find("no phrase is left of 4 files (malformed 2, meter 1, missing_track 1)") != std::string::npos);
    CHECK(message.find("--min-tracks") != std::string::npos);
    CHECK(read_report(options.report).size() == 4);
    CHECK_FALSE(fs::exists(options.out));
    fs::remove_all(folder / "songs");
    fs::create_directories(folder / "songs");
    CHECK(failure_of(options).find("no file of a song was found") != std::string::npos);
}

TEST_CASE("prepare: bad inputs, outputs and options are told before the work") {
    const support::TemporaryFolder folder;
    fill(folder);
    PrepareOptions options = options_for(folder, "one");
    options.inputs = {folder / "absent"};
    CHECK(failure_of(options).find("no such file or folder") != std::string::npos);
    options.inputs = {};
    CHECK(failure_of(options).find("no input") != std::string::npos);
    options = options_for(folder, "one");
    options.out = folder / "nowhere/data.safetensors";
    CHECK(failure_of(options).find("cannot be written: no new file in") != std::string::npos);
    options.out = folder.path();
    CHECK(failure_of(options).find("expected the path of a file") != std::string::npos);
    options = options_for(folder, "one");
    options.jobs = -1;
    CHECK(failure_of(options).find("-1 jobs") != std::string::npos);
    options = options_for(folder, "one");
    options.notes.source = std::string(1, '\xff');
    CHECK(failure_of(options).find("UTF-8") != std::string::npos);
    CHECK_FALSE(fs::exists(options.out));
}

TEST_CASE("prepare: a failing callback ends the work and leaves nothing behind") {
    const support::TemporaryFolder folder;
    fill(folder);
    for (const int jobs : {1, 3}) {
        PrepareOptions options = options_for(folder, "one");
        options.jobs = jobs;
        options.progress = [](std::int64_t done, std::int64_t) {
            if (done == 2) throw std::runtime_error("enough");
        };
        CHECK_THROWS_WITH_AS(prepare(options), "enough", std::runtime_error);
    }
    std::size_t entries = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder.path())) ++entries;
    CHECK(entries == 1);  // the songs alone: no dataset, no report, no temporary file
}

TEST_CASE("prepare: unreadable files and folders are lines in the report") {
    if (::geteuid() == 0) SKIP_TEST("root reads everything");
    const support::TemporaryFolder folder;
    fill(folder);
    fs::permissions(folder / "songs/a", fs::perms::none);
    fs::permissions(folder / "songs/b/song_0002.mid", fs::perms::none);
    const PrepareOptions options = options_for(folder, "one");
    const PrepareSummary summary = prepare(options);
    fs::permissions(folder / "songs/a", fs::perms::owner_all);
    CHECK(summary.outcomes[static_cast<std::size_t>(Outcome::unreadable)] == 2);
    CHECK(summary.songs == 2);
}

TEST_CASE("prepare: real songs give the same bytes with one job and two") {
    const fs::path songs = support::shared_data("midi");
    if (songs.empty()) SKIP_TEST("no shared data");
    const support::TemporaryFolder folder;
    PrepareOptions options = options_for(folder, "one");
    options.inputs = {songs};
    options.filter.max_phrases = 1;
    options.filter.key = KeyRule::transpose;
    const PrepareSummary summary = prepare(options);
    CHECK(summary.files == 1255);
    CHECK(describe_outcomes(summary.outcomes) == "kept 1,189, meter 34, missing_track 32");
    CHECK(summary.songs == summary.phrases);
    CHECK(summary.outcomes[static_cast<std::size_t>(Outcome::malformed)] == 0);
    const std::string bytes = support::read_text(options.out), report = support::read_text(options.report);
    options.jobs = 2;
    prepare(options);
    CHECK(support::read_text(options.out) == bytes);
    CHECK(support::read_text(options.report) == report);
}

TEST_CASE("prepare: real malformed files are swallowed, each with an outcome") {
    const fs::path files = support::shared_data("malformed");
    if (files.empty()) SKIP_TEST("no shared data");
    const support::TemporaryFolder folder;
    write_songs(folder / "songs", 1, 1);
    PrepareOptions options = options_for(folder, "one");
    options.inputs.push_back(files);
    options.jobs = 2;
    const PrepareSummary summary = prepare(options);
    CHECK(summary.files > 1);
    CHECK(summary.songs >= 1);
    std::int64_t all = 0;
    for (const std::int64_t count : summary.outcomes) all += count;
    CHECK(all == summary.files);
}

TEST_CASE("prepare: whoever looks on may end the search, and bad outputs end it before it begins") {
    support::TemporaryFolder folder;
    std::filesystem::create_directory(folder / "midi");
    for (int k = 0; k < 300; ++k) support::write_text(folder / fmt::format("midi/{:03}.mid", k), "no music");
    musegan::PrepareOptions options;
    options.inputs = {folder / "midi"};
    options.out = folder / "out";
    int looks = 0;
    options.looking = [&](std::int64_t found) {
        ++looks;
        CHECK(found <= 300);
        tensor::fail("test", "enough");
    };
    CHECK_THROWS_WITH_AS(musegan::prepare(options), "[test] enough", tensor::Error);
    CHECK(looks == 1);
    options.report = folder / "none/report.csv";
    CHECK_THROWS_WITH_AS(musegan::prepare(options), doctest::Contains("none/report.csv] cannot be written"),
                         tensor::Error);
    CHECK(looks == 1);
    CHECK(folder.files() == 1);
}
