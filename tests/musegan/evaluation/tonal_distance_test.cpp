#include "musegan/evaluation/tonal_distance.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace musegan;

namespace {

Chroma chroma(std::initializer_list<int> classes) {
    Chroma result{};
    for (const int k : classes) result[static_cast<std::size_t>(k)] = 1;
    return result;
}

double chord_distance(const Chroma& a, const Chroma& b) { return tonal_distance(tonal_centroid(a), tonal_centroid(b)); }

}  // namespace

TEST_CASE("tonal distance: the centroids of C and of its fifth have Harte's coordinates") {
    CHECK(tonal_centroid(chroma({0})) == TonalCentroid{0, 1, 0, 1, 0, 0.5});
    // G, class 7, at 7 x 7 pi / 6 = pi / 6, 7 x 3 pi / 2 = pi / 2 and 7 x 2 pi / 3 = 2 pi / 3, whole turns taken off.
    const TonalCentroid expected{0.5, std::sqrt(3.0) / 2, 1, 0, std::sqrt(3.0) / 4, -0.25};
    const auto fifth = tonal_centroid(chroma({7}));
    for (std::size_t row = 0; row < 6; ++row) CHECK(std::abs(fifth[row] - expected[row]) < 1e-14);
    // Two classes lie halfway between.
    const auto both = tonal_centroid(chroma({0, 7})), first = tonal_centroid(chroma({0}));
    for (std::size_t row = 0; row < 6; ++row) CHECK(std::abs(both[row] - (first[row] + fifth[row]) / 2) < 1e-15);
}

TEST_CASE("tonal distance: single classes and chords have the values of Harte's matrix") {
    const auto from_c = [](int k) { return chord_distance(chroma({0}), chroma({k})); };
    CHECK(from_c(1) == doctest::Approx(2.545987).epsilon(1e-6));
    CHECK(from_c(2) == doctest::Approx(2.397916).epsilon(1e-6));
    CHECK(from_c(3) == doctest::Approx(2.0).epsilon(1e-6));
    CHECK(from_c(4) == doctest::Approx(1.936492).epsilon(1e-6));
    CHECK(from_c(6) == doctest::Approx(2.828427).epsilon(1e-6));
    CHECK(from_c(7) == doctest::Approx(1.737225).epsilon(1e-6));
    const Chroma c = chroma({0, 4, 7});
    CHECK(chord_distance(c, chroma({7, 11, 2})) == doctest::Approx(1.213352).epsilon(1e-6));
    CHECK(chord_distance(c, chroma({9, 0, 4})) == doctest::Approx(0.799305).epsilon(1e-6));
    CHECK(chord_distance(c, chroma({6, 10, 1})) == doctest::Approx(1.970003).epsilon(1e-6));
    CHECK(chord_distance(chroma({0}), c) == doctest::Approx(1.029342).epsilon(1e-6));
}

TEST_CASE(
    "tonal distance: it is symmetric, moves with the key, and asks how pitches share the time, not for how long") {
    const Chroma c = chroma({0, 4, 7}), d = chroma({2, 5, 9});
    CHECK(chord_distance(c, c) == 0.0);
    CHECK(chord_distance(c, d) == chord_distance(d, c));
    CHECK(chord_distance(chroma({3, 7, 10}), chroma({5, 8, 0})) ==
          doctest::Approx(chord_distance(c, d)).epsilon(1e-14));
    Chroma twice = c, uneven = c;
    for (double& value : twice) value *= 2;
    uneven[0] = 3;
    CHECK(chord_distance(twice, d) == doctest::Approx(chord_distance(c, d)).epsilon(1e-14));
    CHECK(chord_distance(c, uneven) > 0.1);
}

TEST_CASE("tonal distance: there is none where either is silent") {
    CHECK(std::isnan(chord_distance(chroma({0}), Chroma{})));
    CHECK(std::isnan(chord_distance(Chroma{}, chroma({0}))));
    CHECK(std::isnan(chord_distance(Chroma{}, Chroma{})));
}
