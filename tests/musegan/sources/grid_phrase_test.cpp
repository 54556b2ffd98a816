// Phrases on every grid, packed on the finest one.
#include "musegan/sources/grid_phrase.hpp"

#include <doctest/doctest.h>

#include <memory>

#include "musegan/phrase/grid.hpp"
#include "musegan/phrase/packing.hpp"

using musegan::GridPhrase;
using musegan::paper_shape;
using musegan::PianoRoll;
using musegan::Run;

namespace {

std::vector<Run> runs_of(const GridPhrase& phrase, int finest_steps) {
    std::vector<std::uint8_t> packed;
    phrase.append_to(packed, finest_steps);
    return musegan::note_runs(paper_shape, packed);
}

}  // namespace

TEST_CASE("grid phrase: a note is shortened by one step and a drum hit is one step, on every coarser grid") {
    for (const int r : {24, 12, 8, 6, 4, 3, 2}) {
        CAPTURE(r);
        const auto phrase = std::make_unique<GridPhrase>();
        CHECK(phrase->is_silent());
        for (const int step : {2, 3, 4}) phrase->set(step, 40, 3);
        phrase->set(6, 40, 3);
        phrase->set(2, 12, 1);  // drums
        phrase->set(3, 12, 1);
        const int last = paper_shape.steps() / r - 1;
        phrase->set(last, 83, 4);
        CHECK_FALSE(phrase->is_silent());
        CHECK(runs_of(*phrase, r) == std::vector<Run>{{2 * r, 2 * r + 1, 12, 1},
                                                      {2 * r, 5 * r - 1, 40, 3},
                                                      {3 * r, 3 * r + 1, 12, 1},
                                                      {6 * r, 7 * r - 1, 40, 3},
                                                      {last * r, last * r + r - 1, 83, 4}});
        phrase->clear();
        CHECK(phrase->is_silent());
        CHECK(runs_of(*phrase, r).empty());
    }
}

TEST_CASE("grid phrase: the finest grid stays as it is") {
    const auto phrase = std::make_unique<GridPhrase>();
    for (int step = 60; step < 384; ++step) phrase->set(step, 0, 0);  // over the words that hold the steps
    for (const int step : {63, 64, 65, 127}) phrase->set(step, 7, 1);
    CHECK(runs_of(*phrase, 1) == std::vector<Run>{{60, 384, 0, 0}, {63, 66, 7, 1}, {127, 128, 7, 1}});
}

TEST_CASE("grid phrase: on the grids of phrases it is what expand makes, and reduce undoes it") {
    std::uint32_t state = 7;
    const auto random = [&](int bound) {
        state = state * 1664525 + 1013904223;
        return static_cast<int>((state >> 8) % static_cast<std::uint32_t>(bound));
    };
    for (const int grid : {4, 8, 12, 24}) {
        CAPTURE(grid);
        const musegan::PhraseShape shape = paper_shape.on_grid(grid);
        PianoRoll roll(shape, shape.steps());
        const auto phrase = std::make_unique<GridPhrase>();
        for (int k = 0; k < 40'000; ++k) {
            const int step = random(shape.steps()), pitch = random(84), track = random(5);
            roll.set(step, pitch, track);
            phrase->set(step, pitch, track);
        }
        musegan::PackedPhrases packed{paper_shape};
        phrase->append_to(packed.bits, shape.finest_steps());
        CHECK(packed.view().roll(0) == musegan::expand(roll));
        CHECK(musegan::reduce(packed, grid).view().roll(0) == roll);
    }
}
