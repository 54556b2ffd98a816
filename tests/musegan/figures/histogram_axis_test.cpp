#include "musegan/figures/histogram_axis.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace musegan;

namespace {

/// "16th at 5, 8th at 11".
std::string text_of(const std::vector<NumberTick>& ticks) {
    std::string text;
    for (const NumberTick& tick : ticks)
        text += (text.empty() ? "" : ", ") + tick.label + " at " + std::to_string(tick.number);
    return text;
}

}  // namespace

TEST_CASE("histogram axis: counts between numbers, some of them where there are none") {
    const Histogram counts{10, {1, 2, 4}};
    CHECK(counts.total() == 7);
    CHECK(between(counts, 10, 13) == 7);
    CHECK(between(counts, 11, 12) == 2);
    CHECK(between(counts, 0, 11) == 1);
    CHECK(between(counts, 12, 99) == 4);
    CHECK(between(counts, 0, 5) == 0);
    CHECK(between(counts, 20, 99) == 0);
    CHECK(between(Histogram{}, 0, 9) == 0);
}

TEST_CASE("histogram axis: 99.5 % of all are reached") {
    CHECK(nearly_last(Histogram{0, {0, 995, 0, 5}}) == 1);
    CHECK(nearly_last(Histogram{0, {0, 994, 0, 6}}) == 3);
    CHECK(nearly_last(Histogram{24, {0, 1}}) == 25);
    CHECK(nearly_last(Histogram{0, {3, 0, 0}}) == 0);
    CHECK(nearly_last(Histogram{}) == -1);
}

TEST_CASE("histogram axis: numbers in a row take as many pixels each, and meet") {
    const NumberAxis pitches{24, 108, 255};
    for (std::int64_t pitch = 24; pitch <= 109; ++pitch) CHECK(pitches.edge(pitch) == 3 * (pitch - 24));
    CHECK(pitches.middle(24) == 1);
    const NumberAxis one{5, 5, 100};
    CHECK(one.edge(5) == 0);
    CHECK(one.edge(6) == 100);
    CHECK(one.middle(5) == 49);
}

TEST_CASE("histogram axis: doublings are as far from each other") {
    for (const std::int64_t shift : {0, 1}) {
        CAPTURE(shift);
        const NumberAxis lengths{1, 64 - shift, 300, true, shift};
        CHECK(lengths.edge(1) == 0);
        CHECK(lengths.edge(65 - shift) == 300);
        for (std::int64_t length = 1; length <= 64 - shift; ++length)
            CHECK(lengths.edge(length) <= lengths.edge(length + 1));
        const int octave = lengths.middle(64 - shift) - lengths.middle(32 - shift);
        CHECK(octave > 40);
        for (const std::int64_t length : {4, 8, 16, 32})
            CHECK(std::abs(lengths.middle(2 * length - shift) - lengths.middle(length - shift) - octave) <= 2);
    }
}

TEST_CASE("histogram axis: bins hold one number where it is wide enough, else as many as are needed") {
    CHECK(bins_of({0, 4, 15}, 3) == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5});
    CHECK(bins_of({0, 4, 10}, 3) == std::vector<std::int64_t>{0, 2, 4, 5});
    CHECK(bins_of({7, 7, 1}, 3) == std::vector<std::int64_t>{7, 8});
    const NumberAxis lengths{1, 96, 200, true, 0};
    const std::vector<std::int64_t> bins = bins_of(lengths, 3);
    CHECK(bins[0] == 1);
    CHECK(bins[1] == 2);
    CHECK(bins.back() == 97);
    for (std::size_t bin = 0; bin + 2 < bins.size(); ++bin)
        CHECK(lengths.edge(bins[bin + 1]) - lengths.edge(bins[bin]) >= 3);
}

TEST_CASE("histogram axis: musicians' names") {
    CHECK(text_of(pitch_ticks(24, 60)) == "C1 at 24, C2 at 36, C3 at 48, C4 at 60");
    CHECK(text_of(pitch_ticks(25, 35)) == "");
    CHECK(text_of(pitch_ticks(0, 12)) == "C-1 at 0, C0 at 12");
    CHECK(text_of(length_ticks(4, 64)) ==
          "16th at 1, 8th at 2, quarter at 4, half at 8, bar at 16, 2 bars at 32, 4 bars at 64");
    CHECK(text_of(length_ticks(12, 24)) == "16th at 3, 8th at 6, quarter at 12, half at 24");
    // A note of the finest grid is a step shorter than written.
    CHECK(text_of(length_ticks(24, 96)) == "16th at 5, 8th at 11, quarter at 23, half at 47, bar at 95");
    CHECK(text_of(number_ticks(1, 30)) == "5 at 5, 10 at 10, 15 at 15, 20 at 20, 25 at 25, 30 at 30");
    CHECK(text_of(number_ticks(1, 4)) == "1 at 1, 2 at 2, 3 at 3, 4 at 4");
}
