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
