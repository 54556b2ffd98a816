#include "musegan/phrase/midi_roll.hpp"

#include <doctest/doctest.h>

#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"

using namespace musegan;
using support::random_roll;
using support::resized;

namespace {

constexpr int piano = index_of(Family::piano);
constexpr int drums = index_of(Family::drums);

/// One instrument on one MIDI track: (onset, offset, pitch) in ticks, 480 per quarter note.
io::MidiFile song(std::vector<std::array<std::int64_t, 3>> notes, int channel = 0, int program = 0) {
    io::MidiFile midi;
    midi.ticks_per_quarter = 480;
    for (const auto& [onset, offset, pitch] : notes) {
        midi.notes.push_back({onset, offset, 1, channel, program, static_cast<int>(pitch), 80});
    }
    return midi;
}

Run run(std::int64_t begin, std::int64_t end, int midi_pitch, int track) {
    return {begin, end, midi_pitch - paper_shape.lowest_pitch, track};
}

std::vector<Run> runs_of(const io::MidiFile& midi) { return note_runs(roll_from_midi(midi).roll); }

}  // namespace

TEST_CASE("midi roll: ticks round half up to steps, in exact integers") {
    CHECK(step_of(0, 480) == 0);
    CHECK(step_of(9, 480) == 0);
    CHECK(step_of(10, 480) == 1);
    CHECK(step_of(29, 480) == 1);
    CHECK(step_of(30, 480) == 2);
    CHECK(step_of(1, 1) == 24);
    CHECK(step_of(32, 1024) == 1);  // 0.75
    CHECK(step_of(21, 1024) == 0);  // 0.492
    CHECK(step_of(22, 1024) == 1);  // 0.516
    CHECK(step_of(32767 * 4, 32767) == 96);
    CHECK(step_of(-10, 480) == 0);  // -0.5
    CHECK(step_of(-11, 480) == -1);
    CHECK(step_of(-30, 480) == -1);
    CHECK(step_of(-31, 480) == -2);
    CHECK_THROWS_AS(step_of(1, 0), tensor::Error);
}

TEST_CASE("midi roll: golden notes under the one-step rest") {
    const io::MidiFile midi = song({{0, 480, 60}, {480, 960, 60}, {960, 1200, 62}, {1920, 3840, 64}});
    const CountedRoll result = roll_from_midi(midi);
    CHECK(result.roll.steps() == 192);
    CHECK(note_runs(result.roll) == std::vector<Run>{run(0, 23, 60, piano), run(24, 47, 60, piano),
                                                     run(48, 59, 62, piano), run(96, 191, 64, piano)});
    CHECK(result.counts.notes == 4);
    CHECK(result.counts.kept == 4);
    // An onset of 7 ticks rounds to step 0.
    CHECK(runs_of(song({{7, 480, 60}})) == std::vector<Run>{run(0, 23, 60, piano)});
}

TEST_CASE("midi roll: one instrument strikes again, two instruments are merged") {
    CHECK(runs_of(song({{0, 480, 60}, {240, 720, 60}})) ==
          std::vector<Run>{run(0, 11, 60, piano), run(12, 35, 60, piano)});
    io::MidiFile two = song({{0, 480, 60}, {240, 720, 60}});
    two.notes[1].channel = 1;
    CHECK(runs_of(two) == std::vector<Run>{run(0, 35, 60, piano)});
    // Two notes of one onset do not cut each other.
    CHECK(runs_of(song({{0, 480, 60}, {1, 960, 60}, {960, 1440, 60}})) ==
          std::vector<Run>{run(0, 47, 60, piano), run(48, 71, 60, piano)});
}

TEST_CASE("midi roll: notes under two steps vanish and are counted, longer ones never do") {
    const CountedRoll result = roll_from_midi(song({{0, 20, 60}, {480, 520, 61}, {960, 1020, 62}, {1440, 1440, 63}}));
    CHECK(note_runs(result.roll) == std::vector<Run>{run(24, 25, 61, piano), run(48, 50, 62, piano)});
    CHECK(result.counts.too_short == 2);
    CHECK(result.counts.kept == 2);
}

TEST_CASE("midi roll: drums keep one cell a hit, whatever the length") {
    CHECK(
        runs_of(song({{0, 480, 36}, {480, 485, 38}, {960, 960, 42}, {1920, 4000, 49}}, 9, 77)) ==
        std::vector<Run>{run(0, 1, 36, drums), run(24, 25, 38, drums), run(48, 49, 42, drums), run(96, 97, 49, drums)});
}

TEST_CASE("midi roll: pitches outside 24 to 107 and effect programs are dropped and counted") {
    io::MidiFile midi = song({{0, 480, 23}, {0, 480, 24}, {0, 480, 107}, {0, 480, 108}, {0, 480, 60}});
    midi.notes[4].program = 120;
    const CountedRoll result = roll_from_midi(midi);
    CHECK(note_runs(result.roll) == std::vector<Run>{run(0, 23, 24, piano), run(0, 23, 107, piano)});
    CHECK(result.counts.out_of_range == 2);
    CHECK(result.counts.no_family == 1);
    CHECK(result.counts.notes == 5);
}

TEST_CASE("midi roll: transposition moves every track but the drums, a stretch moves time") {
    io::MidiFile midi = song({{240, 720, 60}, {240, 720, 40}});
    midi.notes[1].channel = 9;
    CHECK(note_runs(roll_from_midi(midi, {.transpose = -5, .stretches = {{240}}}).roll) ==
          std::vector<Run>{run(0, 1, 40, drums), run(0, 23, 55, piano)});
    // A note that comes half a step early, 10 ticks, still begins at the bar line.
    CHECK(roll_from_midi(midi, {.stretches = {{250}}}).counts.kept == 2);
    CHECK(roll_from_midi(midi, {.stretches = {{251}}}).counts.in_foreign_bars ==
          1);  // the drums; the piano still sounds
    CHECK(roll_from_midi(midi, {.transpose = 48}).counts.out_of_range == 1);
}

TEST_CASE("midi roll: stretches of bars follow one another, and what lies between them is left out") {
    constexpr std::int64_t bar = 1920;
    // Two bars, a gap of half a bar, then bars on.
    const std::vector<Stretch> stretches{{0, 2}, {2 * bar + 960, max_bars}};
    const io::MidiFile midi = song({{0, 480, 60},                           // in the first bar
                                    {bar, 3 * bar, 62},                     // over the gap, into the second stretch
                                    {2 * bar - 480, 2 * bar + 480, 64},     // into the gap
                                    {2 * bar, 2 * bar + 480, 65},           // in the gap
                                    {2 * bar + 480, 2 * bar + 1440, 67},    // from the gap into the stretch
                                    {2 * bar + 950, 2 * bar + 1440, 69},    // half a step before the second stretch
                                    {2 * bar + 960, 2 * bar + 1440, 71},    // at its beginning
                                    {3 * bar + 960, 3 * bar + 1440, 72}});  // in its second bar
    const CountedRoll result = roll_from_midi(midi, {.stretches = stretches});
    CHECK(note_runs(result.roll) == std::vector<Run>{run(0, 23, 60, piano), run(96, 239, 62, piano),
                                                     run(168, 192, 64, piano), run(192, 215, 67, piano),
                                                     run(192, 215, 69, piano), run(192, 215, 71, piano),
                                                     run(288, 311, 72, piano)});
    CHECK(result.first_bars == std::vector<std::int64_t>{0, 2});
    CHECK(result.roll.steps() == 4 * 96);
    CHECK(result.counts.kept == 7);
    CHECK(result.counts.in_foreign_bars == 1);
    // Drums are struck once and do not last.
    io::MidiFile drums_only = midi;
    for (io::MidiNote& note : drums_only.notes) note.channel = 9;
    const CountedRoll hits = roll_from_midi(drums_only, {.stretches = stretches});
    CHECK(note_runs(hits.roll) == std::vector<Run>{run(0, 1, 60, drums), run(96, 97, 62, drums),
                                                   run(168, 169, 64, drums), run(192, 193, 69, drums),
                                                   run(192, 193, 71, drums), run(288, 289, 72, drums)});
    CHECK(hits.counts.in_foreign_bars == 2);
    CHECK(roll_from_midi(midi, {.stretches = {}}).counts.in_foreign_bars == 8);
    CHECK(roll_from_midi(midi, {.stretches = {}}).roll.steps() == 0);
}

TEST_CASE("midi roll: a note goes on into the next stretch, and not into a third") {
    const std::vector<Stretch> stretches{{0, 1}, {2400, 1}, {4800, max_bars}};
    CHECK(note_runs(roll_from_midi(song({{0, 9600, 60}}), {.stretches = stretches}).roll) ==
          std::vector<Run>{run(0, 192, 60, piano)});
}

TEST_CASE("midi roll: a note that is struck again beyond a gap ends before") {
    const std::vector<Stretch> stretches{{0, 1}, {2400, max_bars}};
    // The first sounds into the second stretch, but is struck again in its second step.
    CHECK(note_runs(roll_from_midi(song({{0, 9600, 60}, {2420, 2440, 60}}), {.stretches = stretches}).roll) ==
          std::vector<Run>{run(0, 96, 60, piano)});
    CHECK(note_runs(roll_from_midi(song({{0, 9600, 60}, {2460, 2560, 60}}), {.stretches = stretches}).roll) ==
          std::vector<Run>{run(0, 98, 60, piano), run(99, 103, 60, piano)});
}

TEST_CASE("midi roll: what lies beyond the most bars is left out, many notes over each other cost no more than one") {
    const std::int64_t most = 480LL * 4 * max_bars;
    const CountedRoll late = roll_from_midi(song({{0, 480, 60}, {960, most + 1, 62}, {most, most + 480, 64}}));
    CHECK(late.counts.kept == 2);
    CHECK(late.counts.too_late == 1);
    CHECK(note_runs(late.roll) ==
          std::vector<Run>{run(0, 23, 60, piano), run(48, max_bars * paper_shape.steps_per_bar() - 1, 62, piano)});
    CHECK(note_runs(roll_from_midi(song({{960, 2 * most, 62}})).roll).front().end ==
          max_bars * paper_shape.steps_per_bar());
    // Of several stretches, too.
    const CountedRoll two = roll_from_midi(song({{0, 480, 60}, {1920 + most, 1920 + most + 480, 64}}),
                                           {.stretches = {{0, 1}, {1920, max_bars}}});
    CHECK(two.counts.too_late == 1);
    io::MidiFile midi = song({});
    constexpr std::int64_t end = 480LL * 4 * max_bars;
    for (int k = 0; k < 20000; ++k) midi.notes.push_back({0, end, k, 0, 0, 60, 80});
    const auto runs = runs_of(midi);
    CHECK(runs == std::vector<Run>{run(0, max_bars * paper_shape.steps_per_bar() - 1, 60, piano)});
}

TEST_CASE("midi roll: any roll of any grid survives the way to MIDI and back, cell by cell") {
    for (const int steps : {4, 8, 12, 24})
        for (std::uint64_t seed = 0; seed < 12; ++seed) {
            CAPTURE(steps);
            CAPTURE(seed);
            const PhraseShape shape = paper_shape.on_grid(steps);
            const PianoRoll roll =
                random_roll(seed, 1 + static_cast<std::int64_t>(seed % 5), seed % 3 == 0 ? 500 : 15, shape);
            const io::MidiFile midi = midi_from_roll(roll);
            CHECK(resized(roll_from_midi(midi, {.shape = shape}).roll, roll.steps()) == roll);
            const auto bytes = io::serialize_midi(midi);
            const io::MidiFile again = io::parse_midi(bytes, "round trip");
            CHECK(again.notes.size() == midi.notes.size());
            CHECK(resized(roll_from_midi(again, {.shape = shape}).roll, roll.steps()) == roll);
        }
}

TEST_CASE("midi roll: on a coarser grid notes last as long as their steps, and a quarter note fills its beat") {
    const PhraseShape shape = paper_shape.on_grid(4);
    PianoRoll roll(shape, shape.steps_per_bar());
    roll.set_run(0, 4, 36, piano);
    roll.set(1, 12, drums);
    roll.set(2, 12, drums);
    const io::MidiFile midi = midi_from_roll(roll);
    REQUIRE(midi.notes.size() == 3);
    CHECK(midi.notes[0] == io::MidiNote{0, 480, 4, 2, 0, 60, 100});
    CHECK(midi.notes[1] == io::MidiNote{120, 240, 2, 9, 0, 36, 100});
    CHECK(midi.notes[2] == io::MidiNote{240, 360, 2, 9, 0, 36, 100});
    const CountedRoll read = roll_from_midi(song({{0, 480, 60}, {480, 960, 60}, {960, 1080, 62}}), {.shape = shape});
    CHECK(note_runs(read.roll) == std::vector<Run>{run(0, 8, 60, piano), run(8, 9, 62, piano)});
    CHECK(read.reduction == ReductionCounts{.notes = 3, .joined = 1});
}

TEST_CASE("midi roll: MIDI of a roll names its tracks, programs, tempo and metre") {
    PianoRoll roll(paper_shape, paper_shape.steps());
    roll.set_run(0, 383, 10, index_of(Family::bass));
    roll.set(90, 12, drums);
    roll.set(92, 12, drums);
    const io::MidiFile midi = midi_from_roll(roll, {.tempo = 100, .velocity = 90});
    CHECK(midi.ticks_per_quarter == 480);
    CHECK(midi.tempos == std::vector<io::MidiTempo>{{0, 600000}});
    CHECK(midi.meters == std::vector<io::MidiMeter>{{0, 4, 4}});
    REQUIRE(midi.notes.size() == 3);
    CHECK(midi.notes[0] == io::MidiNote{0, 7680, 1, 0, 33, 34, 90});
    CHECK(midi.notes[1] == io::MidiNote{1800, 1840, 2, 9, 0, 36, 90});
    CHECK(midi.notes[2] == io::MidiNote{1840, 1960, 2, 9, 0, 36, 90});
    const io::MidiFile again = io::parse_midi(io::serialize_midi(midi), "names");
    CHECK(std::count(again.track_names.begin(), again.track_names.end(), "bass") == 1);
    CHECK(std::count(again.track_names.begin(), again.track_names.end(), "drums") == 1);
    CHECK_THROWS_AS(midi_from_roll(roll, {.tempo = 0, .velocity = 90}), tensor::Error);
    CHECK_THROWS_AS(midi_from_roll(roll, {.tempo = 120, .velocity = 0}), tensor::Error);
}
