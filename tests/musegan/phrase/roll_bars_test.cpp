#include "musegan/phrase/roll_bars.hpp"

#include <doctest/doctest.h>

#include "tensor/error.hpp"

using namespace musegan;

TEST_CASE("roll bars: bars are cut out of a roll, silent behind its end") {
    constexpr std::int64_t bar = paper_shape.steps_per_bar();
    PianoRoll roll(paper_shape, 3 * bar);
    roll.set_run(2 * bar, 3 * bar - 1, 5, 0);
    CHECK(bars_in(roll) == 3);
    CHECK(bars_in(PianoRoll(paper_shape, 2 * bar + 1)) == 3);
    CHECK(bars_in(PianoRoll()) == 0);
    const PianoRoll cut = bars_of(roll, 2, 5);
    CHECK(cut.steps() == 3 * bar);
    CHECK(note_runs(cut) == std::vector<Run>{{0, bar - 1, 5, 0}});
    CHECK(note_runs(bars_of(roll, 0, 2)).empty());
    CHECK(note_runs(bars_of(roll, 7, 9)).empty());
    CHECK(bars_of(roll, 0, 3) == roll);
    CHECK_THROWS_AS(bars_of(roll, 0, max_bars + 1), tensor::Error);
}
