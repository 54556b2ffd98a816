#include "musegan/data/midi_source.hpp"

#include <doctest/doctest.h>

using namespace musegan;

TEST_CASE("midi source: chroma counts ticks of pitched families only") {
    io::MidiFile midi;
    midi.notes = {{0, 100, 1, 0, 0, 60, 80},     // piano C
                  {0, 50, 1, 0, 0, 76, 80},      // piano E
                  {0, 900, 2, 9, 0, 38, 80},     // drums
                  {0, 900, 3, 1, 120, 62, 80}};  // effect
    const Chroma chroma = MidiSource(midi).chroma();
    CHECK(chroma[0] == 100);
    CHECK(chroma[4] == 50);
    CHECK(chroma[2] == 0);
}
