// From peaks to boundaries in bars, and from sections to the bars that phrases are cut from.
#include "musegan/structure/sections.hpp"

#include <doctest/doctest.h>

#include "musegan/structure/analysis.hpp"

using namespace musegan;

namespace {

using Bars = std::vector<std::int64_t>;
using Ranges = std::vector<BarRange>;

/// Sections of these lengths, from bar `first` on.
Ranges sections(const Bars& lengths, std::int64_t first = 0) {
    Ranges result;
    for (const std::int64_t length : lengths) {
        result.push_back({first, first + length});
        first += length;
    }
    return result;
}

/// What the authors take of an inner section of `length` bars that begins at bar 10 and has other bars on both sides.
BarRange taken(std::int64_t length) { return ranges_to_cut(sections({10, length, 10}), Segmentation::sf_authors)[1]; }

}  // namespace

TEST_CASE("structure: beats become bars, half a bar up, each once and none at an end") {
    // A peak i of sf is a boundary at beat i + 2.
    CHECK(msaf_boundaries({}, 9) == Bars{0, 9});
    CHECK(msaf_boundaries({13, 14, 15, 16, 17}, 9) == Bars{0, 4, 5, 9});  // beats 15 to 19
    CHECK(msaf_boundaries({1}, 9) == Bars{0, 1, 9});                      // beat 3
    CHECK(msaf_boundaries({30, 31, 32}, 9) == Bars{0, 8, 9});             // beats 32, 33, 34
    CHECK(msaf_boundaries({}, 1) == Bars{0, 1});
}

TEST_CASE("structure: the authors' frames become bars, and the outer ones the ends of the song") {
    // 40 bars: 640 frames, N = 616 moments, 615 differences. A peak i is frame b = i + 1, bar (b + 13) / 16.
    CHECK(authors_boundaries({}, 615, 40) == Bars{0, 40});
    CHECK(authors_boundaries({114, 242}, 615, 40) == Bars{0, 8, 16, 40});  // b = 115, 243
    CHECK(authors_boundaries({106}, 615, 40) == Bars{0, 8, 40});           // b = 107: 7.5, half up
    CHECK(authors_boundaries({105}, 615, 40) == Bars{0, 7, 40});
    CHECK(authors_boundaries({20, 300}, 615, 40) == Bars{0, 20, 40});     // b = 21 is the beginning
    CHECK(authors_boundaries({21, 300}, 615, 40) == Bars{0, 2, 20, 40});  // b = 22 is not
    CHECK(authors_boundaries({300, 595}, 615, 40) == Bars{0, 20, 40});    // b = 596 = N - 20 is the end
    CHECK(authors_boundaries({300, 594}, 615, 40) == Bars{0, 20, 38, 40});
    CHECK(authors_boundaries({15}, 20, 3) == Bars{0, 3});
}

TEST_CASE("structure: sections of sf are pruned at their end to a multiple of four bars") {
    CHECK(ranges_to_cut(sections({3, 4, 5, 11}, 2), Segmentation::sf) == Ranges{{2, 2}, {5, 9}, {9, 13}, {14, 22}});
    CHECK(ranges_to_cut(sections({7}, 1), Segmentation::fixed) == Ranges{{1, 8}});
    CHECK(ranges_to_cut({}, Segmentation::sf).empty());
}

TEST_CASE("structure: what the authors take of a section depends on its length") {
    CHECK(taken(1) == BarRange{10, 10});
    CHECK(taken(2) == BarRange{9, 13});
    CHECK(taken(3) == BarRange{10, 14});
    CHECK(taken(4) == BarRange{10, 14});
    CHECK(taken(5) == BarRange{10, 14});
    CHECK(taken(6) == BarRange{11, 15});
    CHECK(taken(7) == BarRange{10, 18});
    CHECK(taken(8) == BarRange{10, 18});
    CHECK(taken(9) == BarRange{10, 18});
}

TEST_CASE("structure: the authors drop the first and the last section, unless nothing would be left") {
    CHECK(ranges_to_cut(sections({4, 4, 4, 4}), Segmentation::sf_authors) == Ranges{{0, 0}, {4, 8}, {8, 12}, {12, 12}});
    CHECK(ranges_to_cut(sections({9, 7}, 3), Segmentation::sf_authors) == Ranges{{3, 11}, {12, 16}});  // no bar behind
    CHECK(ranges_to_cut(sections({2}), Segmentation::sf_authors) == Ranges{{0, 0}});
    CHECK(ranges_to_cut(sections({8, 2}), Segmentation::sf_authors) == Ranges{{0, 8}, {8, 8}});
    CHECK(ranges_to_cut(sections({3, 8}), Segmentation::sf_authors) == Ranges{{0, 4}, {3, 11}});
    CHECK(ranges_to_cut({}, Segmentation::sf_authors).empty());
}

TEST_CASE("structure: long stretches are analyzed in even pieces") {
    CHECK(pieces_of({5, 517}) == Ranges{{5, 517}});
    CHECK(pieces_of({0, 513}) == Ranges{{0, 256}, {256, 513}});
    CHECK(pieces_of({10, 4106}).size() == 8);
    CHECK(pieces_of({3, 3}).empty());
}
