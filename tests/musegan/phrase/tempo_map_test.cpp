#include "musegan/phrase/tempo_map.hpp"

#include <doctest/doctest.h>

#include "musegan/phrase/midi_roll.hpp"

using namespace musegan;

namespace {

using Tempos = std::vector<io::MidiTempo>;

io::MidiFile song(int ticks_per_quarter, Tempos tempos) {
    io::MidiFile midi;
    midi.ticks_per_quarter = ticks_per_quarter;
    midi.tempos = std::move(tempos);
    return midi;
}

const PianoRoll two_bars(paper_shape, 2 * paper_shape.steps_per_bar());  // 3840 ticks

}  // namespace

TEST_CASE("tempo map: ticks are rescaled, moved by the origin and rounded half up") {
    CHECK(tempo_map_of(song(480, {{0, 400000}, {480, 300000}}), 0, two_bars) == Tempos{{0, 400000}, {480, 300000}});
    CHECK(tempo_map_of(song(96, {{0, 400000}, {97, 300000}}), 0, two_bars) == Tempos{{0, 400000}, {485, 300000}});
    // A pickup: the song's tick 0 stands three quarters into the first bar, whose silence has its tempo too.
    CHECK(tempo_map_of(song(96, {{0, 400000}, {96, 300000}}), -288, two_bars) == Tempos{{0, 400000}, {1920, 300000}});
    CHECK(tempo_map_of(song(960, {{0, 1}, {101, 2}, {103, 3}}), 0, two_bars) == Tempos{{0, 1}, {51, 2}, {52, 3}});
    CHECK(tempo_map_of(song(30000, {{0, 1}, {9000, 2}, {9001, 3}}), 0, two_bars) == Tempos{{0, 1}, {144, 3}});
    CHECK(tempo_map_of(song(30000, {{1, 2}}), 0, two_bars) == Tempos{{0, 2}});
}

TEST_CASE("tempo map: it begins with the tempo in force, and ends with the roll") {
    CHECK(tempo_map_of(song(480, {}), 0, two_bars) == Tempos{{0, 500000}});
    CHECK(tempo_map_of(song(480, {{10, 7}}), 0, two_bars) == Tempos{{0, 500000}, {10, 7}});
    // A roll that begins later in the song than its first tick.
    CHECK(tempo_map_of(song(480, {{0, 5}, {100, 6}, {1920, 7}, {2000, 8}}), 1920, two_bars) == Tempos{{0, 7}, {80, 8}});
    CHECK(tempo_map_of(song(480, {{0, 5}, {3839, 6}, {3840, 7}, {99'000'000, 8}}), 0, two_bars) ==
          Tempos{{0, 5}, {3839, 6}});
    CHECK(tempo_map_of(song(480, {{0, 5}, {400, 6}}), 0, PianoRoll()) == Tempos{{0, 5}});
}

TEST_CASE("tempo map: step by step in beats per minute, within the bounds of the files") {
    // Steps of 20 ticks: an event between two steps is in force from the later one on.
    const auto steps = tempos_of_steps({{0, 600000}, {40, 500000}, {61, 1}, {100, 0xFFFFFF}}, two_bars);
    REQUIRE(steps.size() == 192);
    CHECK(steps[0] == 100);
    CHECK(steps[1] == 100);
    CHECK(steps[2] == 120);
    CHECK(steps[3] == 120);
    CHECK(steps[4] == 1000);
    CHECK(steps[5] == 4);
    CHECK(steps[191] == 4);
    PhraseShape sixteenths = paper_shape.on_grid(4);
    CHECK(tempos_of_steps({{0, 600000}, {120, 500000}}, PianoRoll(sixteenths, 3)) ==
          std::vector<double>{100, 120, 120});
    CHECK(tempos_of_steps({}, PianoRoll(sixteenths, 2)) == std::vector<double>{120, 120});
}

TEST_CASE("tempo map: MIDI of a roll has the map in place of the one tempo") {
    const Tempos map{{0, 400000}, {480, 300000}};
    CHECK(midi_from_roll(two_bars, {.tempo = 90, .tempos = map}).tempos == map);
    CHECK(midi_from_roll(two_bars, {.tempo = 90}).tempos == Tempos{{0, 666667}});
}
