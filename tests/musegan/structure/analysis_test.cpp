// Songs whose sections are known.
#include "musegan/structure/analysis.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "musegan/structure/sections.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/musegan/structure/letter_songs.hpp"

using namespace musegan;

namespace {

using support::song;
using support::write_section;
using Numbers = std::vector<std::int64_t>;
using Bars = std::vector<std::int64_t>;

Bars boundaries(const PianoRoll& roll, Segmentation way) {
    return analyze(roll, {0, roll.steps() / 96}, way).boundaries;
}

constexpr Segmentation ways[]{Segmentation::sf, Segmentation::sf_authors};

}  // namespace

TEST_CASE("structure: songs of known sections have boundaries where these begin") {
    CHECK(boundaries(song("ABAC", 8), Segmentation::sf_authors) == Bars{0, 8, 16, 24, 32});
    // All that are there, and some where the chords of one section begin anew.
    CHECK(boundaries(song("ABACABA", 16), Segmentation::sf_authors) ==
          Bars{0, 16, 24, 32, 48, 56, 64, 80, 88, 96, 112});
    CHECK(boundaries(song("AABB", 10), Segmentation::sf) == Bars{0, 5, 10, 20, 30, 40});
    CHECK(boundaries(song("ABACA", 8), Segmentation::sf) == Bars{0, 7, 16, 24, 32, 40});  // one a bar early
}

TEST_CASE("structure: known values of novelty, in millionths, which the program in NumPy has too") {
    const auto every = [](std::int64_t step, Segmentation way) {
        const std::vector<double> curve = analyze(song("ABBAC", 9), {0, 45}, way).novelty;
        Numbers values;
        for (std::size_t i = 0; i < curve.size(); i += static_cast<std::size_t>(step))
            values.push_back(std::llround(1e6 * curve[i]));
        return values;
    };
    CHECK(every(20, Segmentation::sf) ==
          Numbers{79305, 775311, 807915, 682805, 678852, 806391, 621412, 998423, 941966});
    CHECK(every(80, Segmentation::sf_authors) ==
          Numbers{780165, 165322, 536795, 370449, 232931, 650971, 58135, 669655, 258961});
}

TEST_CASE("structure: short, silent and monotonous songs are one section") {
    for (const Segmentation way : ways) {
        for (const std::int64_t bars : {1, 2, 3, 5}) {
            CHECK(boundaries(PianoRoll(paper_shape, bars * 96), way) == Bars{0, bars});
        }
        CHECK(boundaries(song("A", 1), way) == Bars{0, 1});
        const StructureAnalysis one = analyze(song("A", 1), {0, 1}, way);
        CHECK(one.novelty.empty());
        CHECK(one.features.frames() == one.frames_per_bar);
    }
    const PianoRoll five = support::random_roll(5, 5, 20), six = support::random_roll(5, 6, 20);
    CHECK(boundaries(five, Segmentation::sf) == Bars{0, 5});
    CHECK(analyze(five, {0, 5}, Segmentation::sf).novelty.empty());      // 20 frames
    CHECK(analyze(six, {0, 6}, Segmentation::sf).novelty.size() == 21);  // 24 frames, three of which begin no moment
    CHECK(analyze(six, {0, 6}, Segmentation::sf_authors).novelty.size() == 71);
}

TEST_CASE("structure: a piece is analyzed as if it were alone, and its boundaries are bars of the roll") {
    const PianoRoll whole = song("CCABACA", 8);
    PianoRoll part(paper_shape, 5 * 8 * 96);
    for (int k = 0; k < 5; ++k) write_section(part, k * 8, k * 8 + 8, "ABACA"[k]);
    for (const Segmentation way : ways) {
        const StructureAnalysis inside = analyze(whole, {16, 56}, way), alone = analyze(part, {0, 40}, way);
        CHECK(inside.novelty == alone.novelty);
        Bars moved = alone.boundaries;
        for (std::int64_t& bar : moved) bar += 16;
        CHECK(inside.boundaries == moved);
    }
}

TEST_CASE("structure: transposing a song does not move its sections") {
    const PianoRoll low = song("ABACABA", 9);
    PianoRoll high(paper_shape, low.steps());
    for_each_cell(low.shape(), low.bits(), [&](std::int64_t step, int pitch, int track) {
        high.set(step, is_drums(track) ? pitch : pitch + 5, track);
    });
    CHECK(boundaries(low, Segmentation::sf) == boundaries(high, Segmentation::sf));
}

TEST_CASE("structure: more than 512 bars are sections of pieces, joined without a gap") {
    const PianoRoll roll = song("ABACABACABACABACABACABACABACABACAB", 16);  // 544 bars
    for (const Segmentation way : ways) {
        const std::vector<BarRange> sections = sections_of(roll, {0, 544}, way);
        REQUIRE(sections.size() > 2);
        CHECK(sections.front().begin == 0);
        CHECK(sections.back().end == 544);
        bool at_half = false;
        for (std::size_t k = 0; k + 1 < sections.size(); ++k) {
            CHECK(sections[k].end == sections[k + 1].begin);
            CHECK(sections[k].bars() > 0);
            at_half |= sections[k].end == 272;
        }
        CHECK(at_half);
        CHECK_THROWS_WITH_AS(analyze(roll, {0, 513}, way), "[structure] 513 bars, expected 1 to 512 at once",
                             tensor::Error);
        CHECK_THROWS_AS(analyze(roll, {4, 4}, way), tensor::Error);
        CHECK(sections_of(roll, {4, 4}, way).empty());
    }
    CHECK(sections_of(roll, {0, 544}, Segmentation::fixed) == std::vector<BarRange>{{0, 544}});
    CHECK_THROWS_AS(analyze(roll, {0, 8}, Segmentation::fixed), tensor::Error);
}
