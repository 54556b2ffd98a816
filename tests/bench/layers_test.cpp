// The least bytes that a critic update moves, counted by hand.
#include "bench/layers.hpp"

#include <doctest/doctest.h>

using bench::critic_output_bytes;
using bench::critic_update_bytes;
using bench::CriticOutputs;

TEST_CASE("the critic's outputs are those of its eight convolutions, or of the last seven") {
    // steps x pitches x channels of each, from the online appendix of the AAAI 2018 paper.
    constexpr double first = 288.0 * 84 * 128,
                     rest = 96.0 * 84 * 128 + 96 * 7 * 128 + 96 * 128 + 48 * 128 + 24 * 128 + 11 * 256 + 5 * 512;
    CHECK(critic_output_bytes(1, CriticOutputs::every_layer) == 4 * (first + rest));
    CHECK(critic_output_bytes(3, CriticOutputs::first_fused) == 3 * 4 * rest);
    CHECK(critic_update_bytes(0.5, 2, CriticOutputs::first_fused) == 20 * 0.5 * 2 * 4 * rest);
}
