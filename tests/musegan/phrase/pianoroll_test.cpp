#include "musegan/phrase/pianoroll.hpp"

#include <doctest/doctest.h>

#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"

using namespace musegan;
using support::random_roll;

TEST_CASE("pianoroll: a phrase is 20,160 bytes in time, pitch, track order, lowest bit first") {
    CHECK(paper_shape.cells() == 161280);
    CHECK(paper_shape.bytes() == 20160);
    CHECK(paper_shape.bytes_per_bar() * 8 == std::int64_t{96} * 84 * 5);
    PianoRoll roll(paper_shape, paper_shape.steps());
    CHECK(roll.bits().size() == 20160);
    roll.set(2, 3, 4);  // bit (2 * 84 + 3) * 5 + 4 = 859 = 8 * 107 + 3
    CHECK(roll.bits()[107] == 8);
    CHECK(roll.at(2, 3, 4));
    CHECK_FALSE(roll.at(2, 4, 3));
    roll.set(2, 3, 4, false);
    CHECK(roll == PianoRoll(paper_shape, paper_shape.steps()));
    CHECK_THROWS_AS(roll.at(384, 0, 0), tensor::Error);
    CHECK_THROWS_AS(roll.set(0, 84, 0), tensor::Error);
    CHECK_THROWS_AS(roll.set_run(380, 385, 0, 0), tensor::Error);
    CHECK_THROWS_AS(PianoRoll(paper_shape, -1), tensor::Error);
    CHECK_THROWS_AS(PianoRoll(paper_shape, max_bars * paper_shape.steps_per_bar() + 1), tensor::Error);
}

TEST_CASE("pianoroll: packed cells are checked for size and for bits past the end") {
    std::vector<std::uint8_t> bits(53, 0);  // one step: 420 bits in 53 bytes, 4 bits of the last
    bits[52] = 0x08;
    CHECK(PianoRoll(paper_shape, 1, bits).at(0, 83, 4));
    bits[52] = 0x10;
    CHECK_THROWS_AS(PianoRoll(paper_shape, 1, bits), tensor::Error);
    CHECK_THROWS_AS(PianoRoll(paper_shape, 2, bits), tensor::Error);
}

TEST_CASE("pianoroll: phrase_bits is a range of whole bars") {
    const PianoRoll roll = random_roll(7, 6, 20);
    const PianoRoll phrase(paper_shape, paper_shape.steps(), roll.phrase_bits(2));
    int differing = 0;
    for_each_cell(paper_shape, phrase.bits(),
                  [&](std::int64_t s, int p, int t) { differing += !roll.at(s + 192, p, t); });
    CHECK(differing == 0);
    CHECK_THROWS_AS(roll.phrase_bits(3), tensor::Error);
    CHECK_THROWS_AS(roll.phrase_bits(-1), tensor::Error);
}
