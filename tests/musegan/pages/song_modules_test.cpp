// Songs that are read in a page, in node: notes and cells are those of the program, or both refuse with the same words.
#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "io/file.hpp"
#include "musegan/data/song.hpp"
#include "musegan/pages/base64.hpp"
#include "musegan/pages/page_phrase_data.hpp"
#include "musegan/phrase/tempo_map.hpp"
#include "musegan/sources/midi_source.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/pages/midi_examples.hpp"
#include "tests/support/node.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using nlohmann::json;
using support::Bytes;
using support::Chance;

namespace {

/// Of a page (song/midi_limits.js).
constexpr io::MidiLimits limits{.file_bytes = 16 << 20, .notes = 1'000'000};

/// Many numbers: all of them, or one number that depends on each, for large files.
json told(const std::vector<std::int64_t>& numbers, bool whole) {
    if (whole) return numbers;
    std::uint32_t sum = 2166136261u;
    for (const std::int64_t number : numbers) sum = (sum ^ static_cast<std::uint32_t>(number)) * 16777619u;
    return {numbers.size(), sum};
}

json notes_of(const io::MidiFile& midi, bool whole) {
    std::vector<std::int64_t> numbers;
    for (const io::MidiNote& note : midi.notes)
        for (const std::int64_t number :
             {note.onset, note.offset, std::int64_t{note.track}, std::int64_t{note.channel}, std::int64_t{note.program},
              std::int64_t{note.pitch}, std::int64_t{note.velocity}, std::int64_t{note.port},
              std::int64_t{note.switches_part}})
            numbers.push_back(number);
    return told(numbers, whole);
}

json runs_of(const PianoRoll& roll, std::int64_t steps, bool whole) {
    std::vector<std::vector<Run>> tracks(n_tracks);
    for (const Run& run : note_runs(roll))
        if (run.begin < steps) tracks[static_cast<std::size_t>(run.track)].push_back(run);
    std::vector<std::int64_t> numbers;
    for (const std::vector<Run>& track : tracks)
        for (const Run& run : track)
            for (const std::int64_t number :
                 {std::int64_t{run.track}, run.begin, std::int64_t{run.pitch}, std::min(run.end, steps) - run.begin})
                numbers.push_back(number);
    return told(numbers, whole);
}

json song_of(const io::MidiFile& midi, std::int64_t most_bars, bool whole) {
    const MidiSource source(midi);
    const CountedRoll song = whole_song(source, "x");
    const std::int64_t all = song.roll.steps() / 96, bars = std::min(all, most_bars);
    const PianoRoll cut(song.roll.shape(), 96 * bars);
    json tempos = json::array();
    for (const io::MidiTempo& tempo : tempo_map_of(midi, source.origin_tick(), cut))
        tempos.push_back({static_cast<double>(tempo.tick) * (24.0 / 480), 60e6 / tempo.microseconds_per_quarter});
    return {{"runs", runs_of(song.roll, 96 * bars, whole)},
            {"tempos", tempos},
            {"notes", song.counts.notes},
            {"kept", song.counts.kept},
            {"bars", bars},
            {"cutBars", all - bars}};
}

/// What the program makes of a file.
json expected_of(const Bytes& bytes, std::int64_t most_bars, bool whole) {
    json result;
    try {
        const io::MidiFile midi = io::parse_midi(bytes, "x", limits);
        json forgiven = json::array(), tempos = json::array(), meters = json::array();
        for (const io::MidiAnomalyKind& kind : io::midi_anomaly_kinds) forgiven.push_back(midi.anomalies.*kind.count);
        for (const io::MidiTempo& tempo : midi.tempos) tempos.push_back({tempo.tick, tempo.microseconds_per_quarter});
        for (const io::MidiMeter& meter : midi.meters)
            meters.push_back({meter.tick, meter.numerator, meter.denominator});
        result = {{"ticks", midi.ticks_per_quarter},
                  {"tracks", midi.track_names.size()},
                  {"notes", notes_of(midi, whole)},
                  {"tempos", tempos},
                  {"meters", meters},
                  {"forgiven", forgiven},
                  {"anomalies", midi.anomalies.total()}};
        result["song"] = song_of(midi, most_bars, whole);
    } catch (const tensor::Error& error) {
        result["refused"] = error.what();
    }
    return result;
}

/// The same in a page. What is thrown is an Error of ours, whose words are the program's.
const std::string reading = R"(
    import {readMidi} from './song/midi_reader.js';
    import {wholeSong} from './song/song_roll.js';
    import {notesOfRoll} from './song/accompaniment.js';
    import {readFileSync} from 'node:fs';
    const told = (numbers, isWhole) => isWhole ? numbers : [numbers.length,
      numbers.reduce((sum, number) => Math.imul(sum ^ number, 16777619), 2166136261) >>> 0];
    const songOf = (midi, mostBars, isWhole) => {
      const {roll, ...rest} = wholeSong(midi, {mostBars});
      const runs = notesOfRoll(roll).flatMap((notes, track) =>
        notes.flatMap(({begin, pitch, length}) => [track, begin, pitch, length]));
      return {runs: told(runs, isWhole), ...rest};
    };
    const seenOf = (bytes, mostBars, isWhole) => {
      const seen = {};
      try {
        const midi = readMidi(bytes);
        Object.assign(seen, {
          ticks: midi.ticksPerQuarter, tracks: midi.tracks,
          notes: told(midi.notes.flatMap(note => [note.onset, note.offset, note.track, note.channel, note.program,
            note.pitch, note.velocity, note.port, Number(note.switchesPart)]), isWhole),
          tempos: midi.tempos.map(({tick, microseconds}) => [tick, microseconds]),
          meters: midi.meters.map(({tick, numerator, denominator}) => [tick, numerator, denominator]),
          forgiven: Object.values(midi.forgiven), anomalies: midi.anomalies,
        });
        seen.song = songOf(midi, mostBars, isWhole);
      } catch (error) {
        if (error.constructor !== Error) throw error;
        seen.refused = `[x] ${error.message}`;
      }
      return seen;
    };
)";

json base64_of(const std::vector<Bytes>& files) {
    json list = json::array();
    for (const Bytes& bytes : files) list.push_back(base64(bytes));
    return list;
}

std::vector<json> seen_of(const std::vector<Bytes>& files, std::int64_t most_bars) {
    return support::run_in_node(reading + "const files = " + base64_of(files).dump() + ";\n" +
                                "done(files.map(text => seenOf(new Uint8Array(Buffer.from(text, 'base64')), " +
                                std::to_string(most_bars) + ", true)));");
}

/// Checks every file; returns how many became songs, and how many were read at all.
struct Counted {
    int songs = 0, read = 0;
};
Counted check_same(const std::vector<Bytes>& files, std::int64_t most_bars) {
    const std::vector<json> seen = seen_of(files, most_bars);
    REQUIRE(seen.size() == files.size());
    Counted counted;
    for (std::size_t k = 0; k < files.size(); ++k) {
        const json expected = expected_of(files[k], most_bars, true);
        CAPTURE(k);
        if (seen[k] == expected) {
            counted.songs += expected.contains("song");
            counted.read += expected.contains("notes");
            continue;
        }
        CAPTURE(base64(files[k]));
        CHECK(seen[k].dump() == expected.dump());
    }
    return counted;
}

std::vector<Bytes> random_files(Chance& chance, int count, int most_notes) {
    std::vector<Bytes> files;
    for (int k = 0; k < count; ++k)
        files.push_back(io::serialize_midi(support::random_midi(chance, chance.below(most_notes))));
    return files;
}

std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        const std::string extension = entry.path().extension().string();
        if (entry.is_regular_file() && (extension == ".mid" || extension == ".rmi" || extension == ".midi"))
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// Each of these files, read by both; a file in which they differ is named.
void check_files(const std::vector<std::filesystem::path>& files) {
    json paths = json::array();
    for (const auto& path : files) paths.push_back(path.string());
    const json seen = support::run_in_node(reading + "const files = " + paths.dump() + ";\n" +
                                           "done(files.map(path => seenOf(new Uint8Array(readFileSync(path)), 512, "
                                           "false)));");
    int songs = 0;
    for (std::size_t k = 0; k < files.size(); ++k) {
        const json expected = expected_of(io::read_file(files[k], 1 << 26), 512, false);
        songs += expected.contains("song");
        if (seen[k] != expected) CHECK_MESSAGE(seen[k].dump() == expected.dump(), files[k].string());
    }
    CHECK(songs > 0);
    MESSAGE(songs, " songs of ", files.size(), " files, ", files.size() - static_cast<std::size_t>(songs), " refused");
}

}  // namespace

TEST_CASE("song modules: notes, tempos, meters and cells are the program's") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    Chance chance(1);
    std::vector<Bytes> files = random_files(chance, 300, 160);
    for (const Bytes& file : support::strange_midi_files()) files.push_back(file);
    const Counted counted = check_same(files, 64);
    CHECK(counted.songs > 150);
    CHECK(counted.read > 300);
    CHECK(counted.songs < counted.read);  // meters of other bars are refused
}

TEST_CASE("song modules: a long song is cut, and says by how much") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    io::MidiFile midi;
    midi.tempos = {{0, 500'000}, {480 * 4 * 5, 400'000}, {480 * 4 * 9, 300'000}};
    for (int bar = 0; bar < 20; ++bar) midi.notes.push_back({1920 * bar + 1000, 1920 * bar + 2500, 1, 0, 0, 60, 90});
    const std::vector<Bytes> files{io::serialize_midi(midi)};
    for (const std::int64_t most : {1, 7, 20, 21}) CHECK(check_same(files, most).songs == 1);
    const json song = seen_of(files, 7)[0]["song"];
    CHECK(song["bars"] == 7);
    CHECK(song["cutBars"] == 14);  // the last note lasts into bar 21
    CHECK(song["kept"] == 20);
    CHECK(song["tempos"].size() == 2);
}

TEST_CASE("song modules: damaged files and any bytes are read or refused as by the program, never with another error") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    Chance chance(2);
    std::vector<Bytes> seeds = support::strange_midi_files();
    for (const Bytes& file : random_files(chance, 60, 24)) {
        seeds.push_back(file);
        if (chance.in(6)) seeds.push_back(support::in_riff(file));
    }
    int songs = 0, read = 0;
    for (int part = 0; part < 4; ++part) {
        std::vector<Bytes> files;
        for (int k = 0; k < 1500; ++k) {
            const Bytes& seed = seeds[static_cast<std::size_t>(chance.below(static_cast<int>(seeds.size())))];
            files.push_back(chance.in(4) ? support::random_bytes(chance) : support::damaged(seed, chance));
        }
        const Counted counted = check_same(files, 8);
        songs += counted.songs;
        read += counted.read;
    }
    CHECK(songs > 1000);
    CHECK(read > 3000);
    CHECK(read < 6000);
}

TEST_CASE("song modules: a file that is too large is refused before it is read") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const json results = support::run_in_node(reading + R"(
        const track = Uint8Array.of(0x4d, 0x54, 0x72, 0x6b, 0, 0x40, 0, 0), bytes = new Uint8Array(2 ** 24 + 1);
        bytes.set([0x4d, 0x54, 0x68, 0x64, 0, 0, 0, 6, 0, 0, 0, 1, 0, 96]);
        bytes.set(track, 14);
        const many = bytes.slice(0, 4200000).fill(1, 22);
        many.set([0, 0x90], 22);
        const refusal = (...given) => {
          try { return readMidi(...given) && 'read'; } catch (error) { return error.message; }
        };
        const limits = {fileBytes: 2 ** 24, quarters: 32768, notes: 100, tracks: 1};
        done([refusal(bytes), refusal(many), refusal(many, limits)]);)");
    CHECK(results[0] == "16777217 bytes, expected at most 16777216 (is this a MIDI file?)");
    CHECK(results[1] == "more than 1000000 notes (is this music?)");
    CHECK(results[2] == "more than 100 notes (is this music?)");
}

TEST_CASE("song modules: real songs have the program's cells") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const std::filesystem::path data = support::shared("data");
    if (data.empty()) SKIP_TEST("no folder shared/data");
    std::vector<std::filesystem::path> files = files_below(data), some;
    for (std::size_t k = 0; k < files.size(); k += 3) some.push_back(files[k]);
    check_files(some);
}

TEST_CASE("song modules: the hand-made cases have the program's cells") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const std::filesystem::path cases = support::shared("cases");
    if (cases.empty()) SKIP_TEST("no folder shared/cases");
    check_files(files_below(cases));
}
