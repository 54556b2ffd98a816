#include "musegan/sources/midi_source.hpp"

#include <doctest/doctest.h>

using namespace musegan;

TEST_CASE("midi source: chroma counts ticks of pitched families only") {
    io::MidiFile midi;
    midi.notes = {{0, 100, 1, 0, 0, 60, 80},     // piano C
                  {0, 50, 1, 0, 0, 76, 80},      // piano E
                  {0, 900, 2, 9, 0, 38, 80},     // drums
                  {0, 900, 3, 1, 120, 62, 80}};  // effect
    const Chroma chroma = MidiSource(midi).chroma(FamilyRule::paper);
    CHECK(chroma[0] == 100);
    CHECK(chroma[4] == 50);
    CHECK(chroma[2] == 0);
    midi.notes.back().program = 100;  // a synthetic pad
    CHECK(MidiSource(midi).chroma(FamilyRule::paper)[2] == 900);
    CHECK(MidiSource(midi).chroma(FamilyRule::lpd5)[2] == 0);
    CHECK(MidiSource(midi).roll({}).counts.no_family == 0);
    CHECK(MidiSource(midi).roll({.families = FamilyRule::lpd5}).counts.no_family == 1);
}

TEST_CASE("midi source: a roll has the timing that is asked for, in the stretches of the song") {
    io::MidiFile midi;
    midi.meters = {{0, 3, 4}, {1440, 4, 4}};
    midi.notes = {{0, 480, 1, 0, 0, 60, 80}, {1440, 1920, 1, 0, 0, 62, 80}, {9600, 9700, 1, 0, 0, 64, 80}};
    const MidiSource source(midi);
    CHECK(note_runs(source.roll({}).roll).front() == Run{0, 23, 62 - 24, index_of(Family::piano)});
    CHECK(note_runs(source.roll({.timing = Timing::lpd}).roll).front() == Run{0, 25, 62 - 24, index_of(Family::piano)});
    const CountedRoll roll = source.roll({.transposition = 2, .timing = Timing::lpd});
    CHECK(note_runs(roll.roll).front() == Run{0, 25, 64 - 24, index_of(Family::piano)});
    CHECK(roll.counts.in_foreign_bars == 1);
}

TEST_CASE("midi source: the key that a file names while notes begin, if it is one") {
    io::MidiFile midi;
    midi.notes = {{100, 300, 1, 0, 0, 60, 80}, {500, 600, 1, 0, 0, 60, 80}};
    CHECK_FALSE(MidiSource(midi).written_key().has_value());
    midi.keys = {{0, 2, false}};
    CHECK(MidiSource(midi).written_key() == Key{2, false});
    midi.keys = {{200, -3, true}};
    CHECK(MidiSource(midi).written_key() == Key{0, true});
    midi.keys = {{0, 2, false}, {200, 2, false}, {500, 2, false}};
    CHECK(MidiSource(midi).written_key() == Key{2, false});
    midi.keys.back().minor = true;
    CHECK_FALSE(MidiSource(midi).written_key().has_value());
    midi.keys.back().tick = 501;  // after the last note began
    CHECK(MidiSource(midi).written_key() == Key{2, false});
    midi.keys = {{0, 1, false}, {50, 2, false}, {100, 3, false}};  // the first two are over
    CHECK(MidiSource(midi).written_key() == Key{9, false});
    midi.keys = {{501, 1, false}};
    CHECK_FALSE(MidiSource(midi).written_key().has_value());
}

TEST_CASE("midi source: the cleansed songs of the Lakh Pianoroll Dataset have one time signature, 4/4 at tick 0") {
    io::MidiFile midi;
    midi.notes = {{100, 300, 1, 0, 0, 60, 80}};
    const auto fault = [&](std::vector<io::MidiMeter> meters) {
        midi.meters = std::move(meters);
        return MidiSource(midi).meter().not_cleansed;
    };
    CHECK(fault({{0, 4, 4}}).empty());
    CHECK(fault({}) == "no time signature");
    CHECK(fault({{0, 3, 4}}) == "3/4 at tick 0");
    CHECK(fault({{0, 2, 2}}) == "2/2 at tick 0");
    CHECK(fault({{0, 4, 8}}) == "4/8 at tick 0");
    CHECK(fault({{1, 4, 4}}) == "4/4 at tick 1");
    CHECK(fault({{0, 4, 4}, {9600, 4, 4}}) == "2 time signatures");  // wherever they stand
}

TEST_CASE("midi source: bars count from where the meter in force at the first note stands on a bar line") {
    io::MidiFile midi;
    midi.ticks_per_quarter = 100;
    CHECK(MidiSource(midi).origin_tick() == 0);
    midi.notes = {{250, 300, 1, 0, 0, 60, 80}};
    CHECK(MidiSource(midi).origin_tick() == 0);
    midi.meters = {{0, 1, 4}, {100, 4, 4}, {1000, 4, 4}};
    CHECK(MidiSource(midi).origin_tick() == -300);
    midi.meters = {{800, 4, 4}};
    CHECK(MidiSource(midi).origin_tick() == 0);
}
