#include "musegan/structure/features.hpp"

#include <doctest/doctest.h>

#include "tensor/error.hpp"

using namespace musegan;

namespace {

constexpr int bass = index_of(Family::bass), drums = index_of(Family::drums), piano = index_of(Family::piano);

std::vector<std::int32_t> frame(const FrameFeatures& features, std::size_t at) {
    std::vector<std::int32_t> values;
    for (int c = 0; c < FrameFeatures::classes; ++c) values.push_back(features.of_class(c)[at]);
    return values;
}

/// Pitch index 0 is C1.
PianoRoll two_bars() {
    PianoRoll roll(paper_shape, 2 * 96);
    roll.set_run(0, 24, 0, bass);               // C, the whole first beat
    roll.set_run(0, 8, 12 + 4, piano);          // E, a third of it
    roll.set_run(0, 8, 24 + 4, piano);          // E an octave higher
    roll.set(0, 14, drums);                     // a drum hit, pitch class D
    roll.set_run(96 + 18, 96 + 32, 11, piano);  // B, over the end of the first beat of bar 2
    return roll;
}

}  // namespace

TEST_CASE("structure: beat chroma counts pitched cells and is divided by the largest") {
    const FrameFeatures features = beat_chroma(two_bars(), {0, 2});
    REQUIRE(features.frames() == 8);
    CHECK(frame(features, 0) == std::vector<std::int32_t>{4096, 0, 0, 0, 2731, 0, 0, 0, 0, 0, 0, 0});  // 16 / 24
    CHECK(frame(features, 1) == std::vector<std::int32_t>(12));
    CHECK(frame(features, 4) == std::vector<std::int32_t>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4096});
    CHECK(frame(features, 5) == frame(features, 4));
    CHECK(frame(features, 6) == std::vector<std::int32_t>(12));
}

TEST_CASE("structure: summed chroma counts the cells of all tracks, 16 frames a bar") {
    const FrameFeatures features = summed_chroma(two_bars(), {0, 2});
    REQUIRE(features.frames() == 32);
    CHECK(frame(features, 0) == std::vector<std::int32_t>{6, 0, 1, 0, 12, 0, 0, 0, 0, 0, 0, 0});
    CHECK(frame(features, 1) == std::vector<std::int32_t>{6, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0});
    CHECK(frame(features, 3) == std::vector<std::int32_t>{6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    CHECK(frame(features, 19)[11] == 6);
    CHECK(frame(features, 21)[11] == 2);
    CHECK(frame(features, 22)[11] == 0);
}

TEST_CASE("structure: a part of a song has the features of these bars, and bars outside are refused") {
    const PianoRoll roll = two_bars();
    const FrameFeatures whole = summed_chroma(roll, {0, 2}), second = summed_chroma(roll, {1, 2});
    REQUIRE(second.frames() == 16);
    for (std::size_t k = 0; k < 16; ++k) CHECK(frame(second, k) == frame(whole, 16 + k));
    CHECK(beat_chroma(roll, {1, 1}).frames() == 0);
    CHECK_THROWS_WITH_AS(beat_chroma(roll, {1, 3}), "[structure] bars 1 to 3 of 2 whole bars, expected a part of them",
                         tensor::Error);
    CHECK_THROWS_AS(summed_chroma(roll, {-1, 2}), tensor::Error);
}
