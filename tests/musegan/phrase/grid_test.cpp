// Phrases on another time grid: exact by small cases counted by hand, and by a second, plain way.
#include "musegan/phrase/grid.hpp"

#include <doctest/doctest.h>

#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"

using namespace musegan;
using support::random_phrases;
using support::random_roll;

namespace {

constexpr int piano = index_of(Family::piano);
constexpr int drums = index_of(Family::drums);

/// Cell by cell, as the rule is worded.
PianoRoll reduced_cell_by_cell(const PianoRoll& finest, int steps_per_beat) {
    const PhraseShape shape = finest.shape().on_grid(steps_per_beat);
    const int r = shape.finest_steps();
    PianoRoll roll(shape, finest.steps() / r);
    for (std::int64_t step = 0; step < roll.steps(); ++step)
        for (int pitch = 0; pitch < shape.pitches; ++pitch)
            for (int track = 0; track < shape.tracks; ++track) {
                bool on = false;
                for (int k = 0; k < (is_drums(track) ? r : 2); ++k) on |= finest.at(r * step + k, pitch, track);
                roll.set(step, pitch, track, on);
            }
    return roll;
}

}  // namespace

TEST_CASE("grid: pitched cells are on at the first or second of r, drums on at any") {
    for (const int steps : {4, 8, 12})
        for (const std::uint64_t density : {5, 200, 900}) {
            CAPTURE(steps);
            CAPTURE(density);
            const PianoRoll finest = random_roll(density, 2, density);
            CHECK(reduce(finest, steps) == reduced_cell_by_cell(finest, steps));
        }
    const PianoRoll finest = random_roll(1, 2, 50);
    CHECK(reduce(finest, 24) == finest);
    // The last steps of a roll of any length are in a step, too.
    PianoRoll odd(paper_shape, 97);
    odd.set(96, 3, piano);
    CHECK(reduce(odd, 4).steps() == 17);
    CHECK(reduce(odd, 4).at(16, 3, piano));
}

TEST_CASE("grid: what becomes of notes and hits is counted") {
    PianoRoll roll(paper_shape, paper_shape.steps());
    roll.set_run(0, 23, 10, piano);   // a quarter note: steps 0 to 3 of 16ths
    roll.set_run(24, 47, 10, piano);  // the next joins it
    roll.set_run(60, 61, 10, piano);  // a step alone: 60 = 6 * 10
    roll.set_run(68, 71, 10, piano);  // 68 to 70 lie between 67 and 72: lost
    roll.set_run(73, 80, 10, piano);  // late by one, still at 12
    roll.set(96, 12, drums);
    roll.set(99, 12, drums);  // in the same 16th: merged
    roll.set(101, 13, drums);
    ReductionCounts counts;
    const PianoRoll coarse = reduce(roll, 4, &counts);
    CHECK(note_runs(coarse) ==
          std::vector<Run>{
              {0, 8, 10, piano}, {10, 11, 10, piano}, {12, 14, 10, piano}, {16, 17, 12, drums}, {16, 17, 13, drums}});
    CHECK(counts == ReductionCounts{.notes = 5, .joined = 1, .lost = 1, .hits = 3, .merged = 1});
    reduce(roll, 4, &counts);
    CHECK(counts.notes == 10);  // counts add up
    ReductionCounts fine;
    reduce(roll, 24, &fine);
    CHECK(fine == ReductionCounts{});
}

TEST_CASE("grid: reduce undoes expand, and the finest grid stays as it is") {
    for (const int steps : {4, 8, 12, 24})
        for (const std::uint64_t density : {10, 300, 950}) {
            CAPTURE(steps);
            CAPTURE(density);
            const PianoRoll roll = random_roll(density, 3, density, paper_shape.on_grid(steps));
            const PianoRoll finest = expand(roll);
            CHECK(finest.shape() == paper_shape);
            CHECK(finest.steps() == 3 * 96);
            ReductionCounts counts;
            CHECK(reduce(finest, steps, &counts) == roll);
            CHECK(counts.joined + counts.lost + counts.merged == 0);
        }
}

TEST_CASE("grid: phrases are reduced one by one, for any number of threads with the same counts") {
    const PackedPhrases phrases = random_phrases(9, 4);
    ReductionCounts all, single;
    const PackedPhrases reduced = reduce(phrases, 12, &all);
    REQUIRE(reduced.count() == 9);
    CHECK(reduced.shape == paper_shape.on_grid(12));
    for (std::int64_t k = 0; k < 9; ++k) CHECK(reduced.view().roll(k) == reduce(phrases.view().roll(k), 12, &single));
    CHECK(all == single);
    CHECK(reduce(phrases, 24) == phrases);
}

TEST_CASE("grid: only the finest grid is reduced, to a grid that divides it") {
    const PianoRoll roll(paper_shape, 96);
    for (const int steps : {0, -4, 1, 3, 5, 6, 16, 48}) {
        CAPTURE(steps);
        CHECK_THROWS_WITH_AS(reduce(roll, steps), doctest::Contains("expected 4, 8, 12 or 24"), tensor::Error);
    }
    CHECK_THROWS_WITH_AS(reduce(PianoRoll(paper_shape.on_grid(12), 48), 4),
                         doctest::Contains("12 steps per beat, expected the finest grid of 24"), tensor::Error);
}
