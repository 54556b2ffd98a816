#include "musegan/phrase/key.hpp"

#include <doctest/doctest.h>

using namespace musegan;

namespace {

/// A scale with its tonic triad stressed, on `tonic`.
Chroma scale(int tonic, bool minor) {
    static constexpr std::array<int, 7> major_steps{0, 2, 4, 5, 7, 9, 11}, minor_steps{0, 2, 3, 5, 7, 8, 10};
    Chroma histogram{};
    for (const int step : minor ? minor_steps : major_steps)
        histogram[static_cast<std::size_t>((tonic + step) % 12)] += 1;
    for (const int step : {0, minor ? 3 : 4, 7}) histogram[static_cast<std::size_t>((tonic + step) % 12)] += 2;
    return histogram;
}

}  // namespace

TEST_CASE("key: every scale with its tonic triad stressed is found, and its shift lies in -5 to 6") {
    for (int tonic = 0; tonic < 12; ++tonic) {
        for (const bool minor : {false, true}) {
            CAPTURE(tonic);
            CAPTURE(minor);
            const Key key = estimate_key(scale(tonic, minor));
            CHECK(key == Key{tonic, minor});
            const int shift = shift_to_c(key);
            CHECK(shift >= -5);
            CHECK(shift <= 6);
            CHECK((tonic + shift + 24) % 12 == (minor ? 9 : 0));
        }
    }
    CHECK(name_of(Key{6, true}) == "F# minor");
    CHECK(name_of(Key{0, false}) == "C major");
}

TEST_CASE("key: silence and a constant histogram are C major") {
    Chroma histogram{};
    CHECK(estimate_key(histogram) == Key{});
    histogram.fill(3.0);
    CHECK(estimate_key(histogram) == Key{});
}
