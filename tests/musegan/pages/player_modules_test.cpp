// What the player computes, in node: phrases read back, MIDI files, which note begins when, sounds.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "io/midi.hpp"
#include "musegan/pages/page_phrase_data.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "tests/support/node.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using nlohmann::json;

namespace {

/// Cells by chance, so that notes touch, are struck again, and reach both ends.
PianoRoll noisy_roll(int steps_per_beat, std::int64_t steps, unsigned seed, double density) {
    PianoRoll roll(paper_shape.on_grid(steps_per_beat), steps);
    std::mt19937 generator(seed);
    for (std::int64_t step = 0; step < steps; ++step)
        for (int pitch = 0; pitch < roll.shape().pitches; ++pitch)
            for (int track = 0; track < n_tracks; ++track)
                if (generator() < density * 4294967296.0) roll.set(step, pitch, track);
    return roll;
}

std::vector<PagePhrase> phrases_to_write() {
    std::vector<PagePhrase> phrases;
    for (const int grid : {24, 12, 8, 4})
        for (const double density : {0.02, 0.5})
            phrases.push_back({.name = "n", .file = "f", .roll = noisy_roll(grid, 4 * grid + 7, 3, density)});
    phrases.push_back({.name = "n", .file = "f", .roll = noisy_roll(24, 300, 5, 0.01), .tempo = 97.3});
    phrases.push_back({.name = "n",
                       .file = "f",
                       .roll = noisy_roll(8, 300, 6, 0.01),
                       .tempos = {{0, 612'345}, {1, 500'001}, {77, 1}, {4801, 16'777'215}}});
    phrases.push_back({.name = "n", .file = "f", .roll = PianoRoll(paper_shape, 96)});
    phrases.push_back({.name = "n", .file = "f", .roll = PianoRoll()});
    PianoRoll late(paper_shape, 20'000);  // times of three bytes
    late.set_run(19'990, 20'000, 83, 4);
    late.set(19'999, 0, 1);
    phrases.push_back({.name = "n", .file = "f", .roll = late});
    return phrases;
}

PagePhrase phrase_of(const PianoRoll& roll) { return {.name = "n", .file = "f", .roll = roll}; }

json data_of(const std::vector<PagePhrase>& phrases) {
    json list = json::array();
    for (const PagePhrase& phrase : phrases) list.push_back(json(json_of(phrase)));
    return {{"phrases", list}, {"tracks", json(tracks_json())}};
}

std::string with_data(const std::vector<PagePhrase>& phrases, const std::string& script) {
    return script + "\nconst {phrases, tracks} = " + data_of(phrases).dump() + ";\n";
}

}  // namespace

TEST_CASE("player modules: a phrase is read back note by note") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const std::vector<PagePhrase> phrases = phrases_to_write();
    const json results = support::run_in_node(with_data(phrases, "import {decodePhrase} from './player/phrase.js';") +
                                              "done(phrases.map(phrase => decodePhrase(phrase).tracks.map(notes => "
                                              "notes.map(note => [note.begin, note.pitch, note.length]))));");
    for (std::size_t k = 0; k < phrases.size(); ++k) {
        std::vector<std::vector<Run>> expected(n_tracks);
        for (const Run& run : note_runs(phrases[k].roll)) expected[static_cast<std::size_t>(run.track)].push_back(run);
        REQUIRE(results[k].size() == n_tracks);
        for (std::size_t track = 0; track < n_tracks; ++track) {
            json notes = json::array();
            for (const Run& run : expected[track]) notes.push_back({run.begin, run.pitch, run.length()});
            CHECK(results[k][track] == notes);
        }
    }
}

TEST_CASE("player modules: the MIDI file is that of the program, byte for byte, on every grid") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const std::vector<PagePhrase> phrases = phrases_to_write();
    const json results =
        support::run_in_node(with_data(phrases,
                                       "import {decodePhrase} from './player/phrase.js';\n"
                                       "import {midiFile} from './player/midi_file.js';") +
                             "done(phrases.map(phrase => [...midiFile(decodePhrase(phrase), tracks)]));");
    REQUIRE(results.size() == phrases.size());
    for (std::size_t k = 0; k < phrases.size(); ++k) {
        CAPTURE(k);
        const std::vector<std::uint8_t> expected = io::serialize_midi(
            midi_from_roll(phrases[k].roll, {.tempo = phrases[k].tempo, .tempos = phrases[k].tempos}));
        CHECK(results[k].get<std::vector<std::uint8_t>>() == expected);
    }
}

TEST_CASE("player modules: steps and seconds follow the tempos, and go back") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const PagePhrase phrase{.name = "",
                            .file = "",
                            .roll = PianoRoll(paper_shape, 384),
                            .tempos = {{0, 500'000}, {480, 1'000'000}, {960, 250'000}}};
    const json results =
        support::run_in_node(with_data({phrase},
                                       "import {decodePhrase, secondsAt, stepAt, placeText, pitchName, tempoAt} from "
                                       "'./player/phrase.js';") +
                             R"(const song = decodePhrase(phrases[0]);
        const steps = [0, 12, 24, 36, 48, 60, 384];
        done({seconds: steps.map(step => secondsAt(song, step)), twice: secondsAt(song, 48, 2),
          back: steps.map(step => stepAt(song, secondsAt(song, step, 1.5), 1.5)),
          tempos: [0, 23, 24, 48, 400].map(step => tempoAt(song, step)),
          places: [0, 23.99, 24, 96, 383].map(step => placeText(song, step)), names: [24, 61, 107].map(pitchName)});)");
    CHECK(results["seconds"] == json{0.0, 0.25, 0.5, 1.0, 1.5, 1.625, 5.0});
    CHECK(results["twice"] == 0.75);
    for (std::size_t k = 0; k < 7; ++k)
        CHECK(results["back"][k].get<double>() == doctest::Approx(json{0, 12, 24, 36, 48, 60, 384}[k].get<double>()));
    CHECK(results["tempos"] == json{120, 120, 60, 240, 240});
    CHECK(results["places"] ==
          json{"bar 1, beat 1", "bar 1, beat 1", "bar 1, beat 2", "bar 2, beat 1", "bar 4, beat 4"});
    CHECK(results["names"] == json{"C1", "C\u266f4", "B7"});
}

TEST_CASE("player modules: every note is struck once in its time, whatever the stretches, loops and tempos") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    PianoRoll roll(paper_shape, 96);
    roll.set_run(0, 20, 10, 0);
    roll.set_run(48, 96, 12, 4);
    roll.set(95, 3, 1);
    roll.set(0, 3, 1);
    const json results = support::run_in_node(
        with_data({{.name = "", .file = "", .roll = roll}},
                  "import {decodePhrase} from './player/phrase.js';\n"
                  "import {advance, changeFactor, makeRun, playableNotes, secondsOfRun} from './player/schedule.js';") +
        R"(const phrase = decodePhrase(phrases[0]), playable = playableNotes(phrase);
        const short = list => list.map(({time, seconds, track}) => [track, +time.toFixed(6), +seconds.toFixed(6)]);
        const run = (options, untils, more = () => {}) => {
          const made = makeRun(phrase, playable, {time: 10, step: 0, factor: 1, loops: false, ...options});
          const struck = untils.flatMap((until, k) => {
            more(made, k);
            return advance(made, until, track => track === 1);
          });
          const at = [9, 10.5, 12, 13].map(time => secondsOfRun(made, time));
          return {struck: short(struck), isDone: made.isDone, at};
        };
        const many = Array.from({length: 500}, (_, k) => 10 + k * 0.0101);
        done({once: run({}, [Infinity]), stretches: run({}, many), exact: run({}, [10, 11, 11, 12]),
          loops: run({loops: true}, [10.1, 11, 12, 12.5, 14.5]), many: run({loops: true}, many),
          faster: run({}, [11, 20], (made, k) => k === 1 && changeFactor(made, 2)),
          slow: run({factor: 0.5}, [20]), middle: run({step: 60}, [20]), end: run({step: 96}, [20]),
          looped: run({loops: true, step: 95}, [11.9])});)");
    // Two seconds: bass, drums, strings, drums.
    const json once{{0, 10, 0.416667}, {1, 10, 0.020833}, {4, 11, 1}, {1, 11.979167, 0.020833}};
    CHECK(results["once"]["struck"] == once);
    CHECK(results["once"]["isDone"] == true);
    CHECK(results["once"]["at"] == json{0, 0.5, 2, 2});
    CHECK(results["stretches"]["struck"] == once);
    CHECK(results["exact"]["struck"] == once);
    CHECK(results["loops"]["struck"].size() == 10);
    CHECK(results["loops"]["struck"][4] == json{0, 12, 0.416667});
    CHECK(results["loops"]["struck"][8] == json{0, 14, 0.416667});
    CHECK(results["loops"]["isDone"] == false);
    CHECK(results["loops"]["at"] == json{0, 0.5, 0, 1});
    CHECK(results["many"]["struck"].size() == 11);
    CHECK(results["faster"]["struck"] ==
          json{{0, 10, 0.416667}, {1, 10, 0.020833}, {4, 11, 0.5}, {1, 11.489583, 0.010417}});
    CHECK(results["faster"]["at"] == json{0, 0.5, 2, 2});
    CHECK(results["slow"]["struck"][2] == json{4, 12, 2});
    // What holds is struck at the start; a drum that is over is not.
    CHECK(results["middle"]["struck"] == json{{4, 10, 0.75}, {1, 10.729167, 0.020833}});
    CHECK(results["end"]["struck"] == json::array());
    CHECK(results["end"]["isDone"] == true);
    CHECK(results["looped"]["struck"].size() == 5);
}

TEST_CASE("player modules: a loop can be begun and ended when what follows has been scheduled") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    PianoRoll roll(paper_shape, 48);  // a second with a note in each half
    roll.set_run(0, 10, 10, 0);
    roll.set_run(24, 34, 12, 4);
    const json results = support::run_in_node(
        with_data({{.name = "", .file = "", .roll = roll}},
                  "import {decodePhrase} from './player/phrase.js';\n"
                  "import {advance, changeFactor, makeRun, playableNotes, secondsOfRun, setLoops} from "
                  "'./player/schedule.js';") +
        R"(const phrase = decodePhrase(phrases[0]), playable = playableNotes(phrase);
        const times = list => list.map(({time}) => time);
        const started = loops => makeRun(phrase, playable, {time: 10, step: 0, factor: 1, loops});
        const late = started(false), first = times(advance(late, 11.2)), wasDone = late.isDone;
        const begun = setLoops(late, true, 10.9), more = times(advance(late, 11.7)), at = secondsOfRun(late, 11.2);
        const early = started(true);
        advance(early, 11.2);
        changeFactor(early, 2);
        const ended = setLoops(early, false, 10.9), none = times(advance(early, 13));
        const state = {isDone: early.isDone, horizon: early.horizon, at: secondsOfRun(early, 11.1)};
        const again = setLoops(early, true, 10.95), anew = times(advance(early, 11.6));
        const other = started(true);
        advance(other, 11.2);
        const inside = setLoops(other, false, 11.1), rest = times(advance(other, 20));
        done({first, wasDone, begun: String(begun), more, at, ended, none, state, again: String(again), anew,
          inside: String(inside), rest, horizon: other.horizon});)");
    CHECK(results["first"] == json{10, 10.5});
    CHECK(results["wasDone"] == true);
    CHECK(results["begun"] == "Infinity");
    CHECK(results["more"] == json{11, 11.5});
    CHECK(results["at"].get<double>() == doctest::Approx(0.2));
    CHECK(results["ended"] == 11);
    CHECK(results["none"] == json::array());
    CHECK(results["state"] == json{{"isDone", true}, {"horizon", 11}, {"at", 1}});
    CHECK(results["again"] == "Infinity");
    CHECK(results["anew"] == json{11, 11.5});
    // The pass that has begun is played to its end.
    CHECK(results["inside"] == "Infinity");
    CHECK(results["rest"] == json{11.5});
    CHECK(results["horizon"] == 12);
}

TEST_CASE("player modules: of many notes at a time as many sound as there are voices, spread over the pitches") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    PianoRoll full(paper_shape, 96);
    for (int track = 0; track < n_tracks; ++track)
        for (int pitch = 0; pitch < full.shape().pitches; ++pitch) full.set_run(track == 4 ? 24 : 0, 48, pitch, track);
    full.set_run(50, 96, 5, 2);
    const json results = support::run_in_node(
        with_data({{.name = "", .file = "", .roll = full}},
                  "import {decodePhrase} from './player/phrase.js';\n"
                  "import {mostVoices, peakOfVoices, playableNotes} from './player/schedule.js';") +
        R"(const {notes, left} = playableNotes(decodePhrase(phrases[0]));
        const of = track => notes.filter(note => note.track === track);
        done({mostVoices, left, counts: tracks.map((_, k) => of(k).length), peak: peakOfVoices({notes}),
          pitches: of(4).map(note => note.pitch), last: of(2).at(-1).begin});)");
    const auto most = results["mostVoices"].get<int>();
    CHECK(most == 16);
    CHECK(results["counts"] == json{most, most, most + 1, most, most});
    CHECK(results["left"] == 5 * (84 - most));
    CHECK(results["peak"] == 5 * most);
    CHECK(results["pitches"].front().get<int>() < 6);
    CHECK(results["pitches"].back().get<int>() > 78);
    CHECK(results["last"] == 50);
}

TEST_CASE("player modules: samples are in tune, begin and end at nothing, and are never too loud") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const json results = support::run_in_node(R"(
        import {bassSample, frequencyOf, guitarSample, pianoSample, stringsLoop} from './player/samples.js';
        import {drumSample} from './player/drum_samples.js';
        const rate = 32000;
        /** Cents between the pitch and the shift by which the sample is most like itself. */
        function cents(samples, pitch) {
          const period = rate / frequencyOf(pitch), from = Math.round(0.1 * rate), length = 6000, likeness = [];
          for (let shift = Math.floor(0.9 * period); shift <= 1.1 * period + 1; ++shift) {
            let sum = 0, power = 0;
            for (let k = from; k < from + length; ++k) {
              sum += samples[k] * samples[k + shift];
              power += samples[k + shift] ** 2;
            }
            likeness[shift] = sum / Math.sqrt(power);
          }
          const best = likeness.reduce((at, value, shift) => value > (likeness[at] ?? -Infinity) ? shift : at, -1);
          const [low, middle, high] = [best - 1, best, best + 1].map(shift => likeness[shift]);
          const shift = best + (high == null || low == null ? 0 : (low - high) / 2 / (low - 2 * middle + high));
          return 1200 * Math.log2(period / shift);
        }
        const tuned = [];
        for (const make of [bassSample, guitarSample, pianoSample, stringsLoop])
          for (const pitch of [24, 36, 48, 60, 72, 84]) tuned.push(cents(make(pitch, rate), pitch));
        let largest = 0, faults = 0, ends = 0;
        const look = (samples, isLoop) => {
          faults += samples.filter(value => !Number.isFinite(value)).length;
          for (const value of samples) largest = Math.max(largest, Math.abs(value));
          if (!isLoop) ends = Math.max(ends, Math.abs(samples.at(-1)));
        };
        for (let pitch = 24; pitch < 108; ++pitch) {
          look(drumSample(pitch, 44100), false);
          for (const make of [bassSample, guitarSample, pianoSample]) look(make(pitch, rate), false);
          look(stringsLoop(pitch, rate), true);
        }
        const loop = stringsLoop(60, rate), seam = Math.abs(loop[0] - loop.at(-1));
        const steps = loop.reduce((most, value, k) => k ? Math.max(most, Math.abs(value - loop[k - 1])) : 0, 0);
        const same = guitarSample(60, rate).every((value, k, list) => k > 0 || value === guitarSample(60, rate)[0]);
        done({tuned, largest, faults, ends, seam, steps, same});)");
    for (const json& cents : results["tuned"]) CHECK(std::abs(cents.get<double>()) < 8);
    CHECK(results["faults"] == 0);
    CHECK(results["largest"].get<double>() <= 1.1);
    CHECK(results["largest"].get<double>() > 0.9);
    CHECK(results["ends"] == 0);
    CHECK(results["seam"].get<double>() <= results["steps"].get<double>());
    CHECK(results["same"] == true);
}

TEST_CASE("player modules: hats are bright, not thin") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const json results = support::run_in_node(R"(
        import {drumSample} from './player/drum_samples.js';
        /** The mean frequency of what it begins with, by its power. */
        function centroid(samples, rate) {
          const length = 2048;
          let weighted = 0, whole = 0;
          for (let wave = 1; wave < length / 2; wave += 2) {
            let cos = 0, sin = 0;
            for (let k = 0; k < length; ++k) {
              cos += samples[k] * Math.cos(2 * Math.PI * wave * k / length);
              sin += samples[k] * Math.sin(2 * Math.PI * wave * k / length);
            }
            weighted += (cos * cos + sin * sin) * wave * rate / length;
            whole += cos * cos + sin * sin;
          }
          return weighted / whole;
        }
        done([42, 44, 46, 36].map(key => centroid(drumSample(key, 44100), 44100)));)");
    for (const std::size_t hat : {0, 1, 2}) {
        CHECK(results[hat].get<double>() > 6000);
        CHECK(results[hat].get<double>() < 10'500);
    }
    CHECK(results[3].get<double>() < 1000);  // a kick, which the ruler must tell apart
}

TEST_CASE("player modules: the limiter leaves what is soft as it is and keeps what is loud below 1") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const json results = support::run_in_node(R"(
        import {gainForVoices, limited} from './player/mixer.js';
        const values = Array.from({length: 2001}, (_, k) => (k - 1000) / 100), bent = values.map(limited);
        done({soft: [-0.6, 0.1, 0.6].map(limited), least: Math.min(...bent), most: Math.max(...bent),
          rises: bent.every((value, k) => k === 0 || value >= bent[k - 1]),
          gains: [0, 1, 10, 40].map(gainForVoices)});)");
    CHECK(results["soft"] == json{-0.6, 0.1, 0.6});
    CHECK(results["least"].get<double>() == doctest::Approx(-0.98));
    CHECK(results["most"].get<double>() == doctest::Approx(0.98));
    CHECK(results["rises"] == true);
    CHECK(results["gains"] == json{1, 1, 1, 0.5});
}

TEST_CASE("player modules: phrases have rows in common, which noise does not make thin") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    PianoRoll low(paper_shape, 96), high(paper_shape, 96);
    low.set_run(0, 10, 20, 0);
    for (int pitch = 30; pitch < 50; ++pitch) high.set_run(0, 90, pitch, 0);
    for (int step = 0; step < 96; step += 2) high.set(step, 12, 1);  // a roll on a drum is none
    const PianoRoll noise = noisy_roll(24, 96, 9, 0.3), coarse = noisy_roll(4, 16, 9, 0.4);
    const json results = support::run_in_node(
        with_data({phrase_of(noise), phrase_of(low), phrase_of(high), phrase_of(coarse)},
                  "import {decodePhrase} from './player/phrase.js';\n"
                  "import {panelsOf, rowsByPhrase, usedPitches} from './player/roll_layout.js';") +
        R"(const all = phrases.map(decodePhrase), rowsOf = rowsByPhrase(all, tracks), rows = all.map(rowsOf);
        const height = used => panelsOf(used, [0, 1, 2, 3, 4], false, 460).panels[0].row;
        done({rows, alone: all.map(phrase => usedPitches([phrase], tracks)), heights: rows.map(height),
          onlyNoise: rowsByPhrase([all[0]], tracks)(all[0])});)");
    CHECK(results["rows"][1] == results["rows"][2]);
    CHECK(results["rows"][1][0] == json{{"low", 18}, {"high", 52}});
    CHECK(results["rows"][1][2] == nullptr);
    CHECK(results["rows"][0] == results["alone"][0]);
    CHECK(results["rows"][3] == results["alone"][3]);
    CHECK(results["rows"][0][0] == json{{"low", 0}, {"high", 84}});
    CHECK(results["heights"] == json{1, 9, 9, 1});
    CHECK(results["onlyNoise"] == results["rows"][0]);
}

TEST_CASE("player modules: rows of drums are named where names have room, the busy ones first") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const json results = support::run_in_node(R"(
        import {drumName, shortDrumName} from './player/drum_samples.js';
        import {namedRows} from './player/roll_layout.js';
        const keys = [35, 36, 36, 38, 38, 38, 42, 42, 42, 42, 49], notes = keys.map(key => ({pitch: key - 24}));
        const nameOf = pitch => shortDrumName(pitch + 24);
        const seen = (row, apart) => namedRows({top: 0, high: 30, row}, notes, nameOf, apart)
          .map(({pitch, y}) => [nameOf(pitch), pitch + 24, y]);
        done({wide: seen(9, 11), narrow: seen(4, 11), none: namedRows({top: 0, high: 30, row: 9}, [], nameOf, 11),
          names: [37, 42, 46, 49, 51].map(shortDrumName), long: drumName(49)});)");
    // Kicks of two keys have one name: where most of them are, or where there is room.
    CHECK(results["wide"] == json{{"kick", 36, 157.5}, {"snare", 38, 139.5}, {"hat", 42, 103.5}, {"crash", 49, 40.5}});
    CHECK(results["narrow"] == json{{"kick", 35, 74}, {"snare", 38, 62}, {"hat", 42, 46}, {"crash", 49, 18}});
    CHECK(results["none"] == json::array());
    CHECK(results["names"] == json{"stick", "hat", "open hat", "crash", "ride"});
    CHECK(results["long"] == "crash cymbal");
}

TEST_CASE("player modules: a WAV file says what it holds") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const json results = support::run_in_node(R"(
        import {wavFile} from './player/rendering.js';
        done([...wavFile([[0, 1, -1], [0.5, 2, -2]], 44100)]);)");
    const auto bytes = results.get<std::vector<std::uint8_t>>();
    REQUIRE(bytes.size() == 44 + 12);
    CHECK(std::string(bytes.begin(), bytes.begin() + 4) == "RIFF");
    CHECK(std::vector<std::uint8_t>(bytes.begin() + 4, bytes.begin() + 8) == std::vector<std::uint8_t>{48, 0, 0, 0});
    CHECK(std::string(bytes.begin() + 8, bytes.begin() + 16) == "WAVEfmt ");
    CHECK(std::vector<std::uint8_t>(bytes.begin() + 22, bytes.begin() + 28) ==
          std::vector<std::uint8_t>{2, 0, 0x44, 0xAC, 0, 0});
    CHECK(std::vector<std::uint8_t>(bytes.begin() + 44, bytes.end()) ==
          std::vector<std::uint8_t>{0, 0, 0, 0x40, 0xFF, 0x7F, 0xFF, 0x7F, 1, 0x80, 1, 0x80});
}
