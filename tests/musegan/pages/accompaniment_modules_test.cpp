// Rolls of a page, in node: on other grids, cut for a model and put together again, as the program does it.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "musegan/phrase/grid.hpp"
#include "tests/support/node.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using nlohmann::json;

namespace {

/// Notes of all lengths by chance, which touch, and some of which go on over the bars of phrases.
PianoRoll noisy_roll(int steps_per_beat, std::int64_t steps, unsigned seed, double starts) {
    PianoRoll roll(paper_shape.on_grid(steps_per_beat), steps);
    std::mt19937 generator(seed);
    for (std::int64_t step = 0; step < steps; ++step)
        for (int pitch = 0; pitch < roll.shape().pitches; ++pitch)
            for (int track = 0; track < n_tracks; ++track)
                if (generator() < starts * 4294967296.0)
                    roll.set_run(step, std::min<std::int64_t>(steps, step + 1 + generator() % 20), pitch, track);
    return roll;
}

/// The places of the cells that are on.
json cells_of(const PianoRoll& roll) {
    json places = json::array();
    for_each_cell(roll.shape(), roll.bits(), [&](std::int64_t step, int pitch, int track) {
        places.push_back(step * roll.shape().cells_per_step() + pitch * n_tracks + track);
    });
    return places;
}

json json_of(const PianoRoll& roll) {
    return {{"steps", roll.steps()}, {"stepsPerBeat", roll.shape().steps_per_beat}, {"places", cells_of(roll)}};
}

const std::string rolls = R"(
    import {silentRoll} from './song/roll_cells.js';
    import {expandRoll, reduceRoll} from './song/grid.js';
    import {givenPhrases, notesOfRoll, putTogether} from './song/accompaniment.js';
    const rollOf = ({steps, stepsPerBeat, places}) => {
      const roll = silentRoll(steps, stepsPerBeat);
      for (const place of places) roll.cells[place] = 1;
      return roll;
    };
    const placesOf = cells => [...cells.keys()].filter(place => cells[place]);
    const told = ({steps, stepsPerBeat, cells}) => ({steps, stepsPerBeat, places: placesOf(cells)});
)";

/// Phrase k of a song, filled up with silence.
PianoRoll phrase_of(const PianoRoll& song, std::int64_t k) {
    PianoRoll phrase(song.shape(), song.shape().steps());
    for_each_cell(song.shape(), song.bits(), [&](std::int64_t step, int pitch, int track) {
        if (step / phrase.steps() == k) phrase.set(step % phrase.steps(), pitch, track);
    });
    return phrase;
}

}  // namespace

TEST_CASE("song modules: a roll on another grid is the program's, and so are its notes") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    json finest = json::array(), coarse = json::array(), reduced = json::array(), expanded = json::array();
    json notes = json::array();
    const auto list_notes = [&](const PianoRoll& roll) {
        std::vector<json> by_track(n_tracks, json::array());
        for (const Run& run : note_runs(roll))
            by_track[static_cast<std::size_t>(run.track)].push_back({run.begin, run.pitch, run.length()});
        notes.push_back(by_track);
    };
    for (const std::int64_t steps : {0, 1, 97, 384})
        for (const double starts : {0.003, 0.05}) {
            const PianoRoll roll = noisy_roll(24, steps, static_cast<unsigned>(steps), starts);
            finest.push_back(json_of(roll));
            for (const int grid : {4, 8, 12, 24}) reduced.push_back(json_of(reduce(roll, grid)));
            list_notes(roll);
        }
    for (const int grid : {4, 8, 12, 24}) {
        const PianoRoll roll = noisy_roll(grid, 50, 7, 0.02);
        coarse.push_back(json_of(roll));
        expanded.push_back(json_of(expand(roll)));
        list_notes(roll);
    }
    const json results = support::run_in_node(rolls + "const finest = " + finest.dump() +
                                              ".map(rollOf), coarse = " + coarse.dump() + ".map(rollOf);" + R"(
        const listed = roll => notesOfRoll(roll).map(notes => notes.map(({begin, pitch, length}) =>
          [begin, pitch, length]));
        done({reduced: finest.flatMap(roll => [4, 8, 12, 24].map(grid => told(reduceRoll(roll, grid)))),
          expanded: coarse.map(roll => told(expandRoll(roll))), notes: [...finest, ...coarse].map(listed),
          back: coarse.every(roll =>
            `${reduceRoll(expandRoll(roll), roll.stepsPerBeat).cells}` === `${roll.cells}`)});)");
    CHECK(results["reduced"] == reduced);
    CHECK(results["expanded"] == expanded);
    CHECK(results["notes"] == notes);
    CHECK(results["back"] == true);
}

TEST_CASE("song modules: a song is cut for a model and put together with what it made, as by the program") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    constexpr std::int64_t bars = 10;  // the last phrase has two of its four bars
    const PianoRoll song = noisy_roll(24, 96 * bars, 3, 0.004);
    for (const int grid : {4, 12, 24}) {
        CAPTURE(grid);
        const PhraseShape shape = paper_shape.on_grid(grid);
        const PianoRoll made = noisy_roll(grid, 3 * shape.steps(), 4, 0.01);
        const PackedPhrases phrases{shape, {made.bits().begin(), made.bits().end()}};
        for (const int given : {0, 1, 3}) {
            json parts = json::array();
            for (std::int64_t k = 0; k < 3; ++k) {
                const PianoRoll phrase = reduce(phrase_of(song, k), grid);
                json places = json::array();
                for_each_cell(phrase.shape(), phrase.bits(), [&](std::int64_t step, int pitch, int track) {
                    if (track == given) places.push_back(step * phrase.shape().pitches + pitch);
                });
                parts.push_back(places);
            }
            PianoRoll whole(song.shape(), song.steps());
            const auto add = [&](const PianoRoll& roll, bool is_song) {
                for_each_cell(roll.shape(), roll.bits(), [&](std::int64_t step, int pitch, int track) {
                    if (step < whole.steps() && (track == given) == is_song) whole.set(step, pitch, track);
                });
            };
            add(song, true);
            add(expand(join_phrases(phrases)), false);
            const json results =
                support::run_in_node(rolls + "const song = rollOf(" + json_of(song).dump() + "), made = rollOf(" +
                                     json_of(made).dump() + "), given = " + std::to_string(given) + ";" + R"(
                const length = made.cells.length / 3, phrases = [0, 1, 2].map(k => made.cells.subarray(k * length,
                  (k + 1) * length));
                const parts = givenPhrases(song, given, made.stepsPerBeat);
                const first = putTogether(song, phrases.slice(0, 1), given, made.stepsPerBeat);
                done({parts: parts.map(part => placesOf(part.map(value => Math.max(0, value)))),
                  numbers: parts.every(part => part.every(value => Math.abs(value) === 1)),
                  lengths: parts.map(part => part.length),
                  whole: told(putTogether(song, phrases, given, made.stepsPerBeat)),
                  late: first.cells.some((isOn, place) => isOn && place % 5 !== given && place >= 384 * 420)});)");
            CHECK(results["parts"] == parts);
            CHECK(results["numbers"] == true);
            CHECK(results["lengths"] == std::vector<int>(3, shape.steps() * shape.pitches));
            CHECK(results["whole"] == json_of(whole));
            CHECK(results["late"] == false);  // phrases that are not made yet
        }
    }
}

TEST_CASE("song modules: a note is held where one phrase ends and the next begins with the same pitch") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const json results = support::run_in_node(rolls + R"(
        const phrase = silentRoll(64, 4), song = silentRoll(768, 24);
        for (const step of [62, 63, 0]) phrase.cells[step * 420 + 40 * 5 + 3] = 1;
        done(notesOfRoll(putTogether(song, [phrase.cells, phrase.cells], 0, 4))[3]);)");
    CHECK(results == json{{{"begin", 0}, {"pitch", 40}, {"length", 5}},
                          {{"begin", 372}, {"pitch", 40}, {"length", 17}},
                          {{"begin", 756}, {"pitch", 40}, {"length", 11}}});
}
