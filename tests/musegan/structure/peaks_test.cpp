#include "musegan/structure/peaks.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace musegan;

using Peaks = std::vector<std::int64_t>;

TEST_CASE("structure: curves are scaled and rounded, and a flat one is 0") {
    CHECK(msaf_curve({16.0, 4.0, 0.0}) == std::vector<double>{1.0, 0.5, 0.0, 0.0});
    CHECK(msaf_curve({0.0, 0.0}) == std::vector<double>{0.0, 0.0, 0.0});
    CHECK(msaf_curve({}) == std::vector<double>{0.0});
    CHECK(authors_curve({2.0, 3.0, 6.0}) == std::vector<double>{0.0, 0.25, 1.0});
    CHECK(authors_curve({2.0, 2.0}) == std::vector<double>{0.0, 0.0});
    CHECK(authors_curve({}).empty());
    const double third = std::ldexp(1431655765.0, -32);
    CHECK(rounded({1.0 / 3.0, 1.0 / 3.0 + 1e-13}) == std::vector<double>{third, third});
}

TEST_CASE("structure: the threshold is the 15th of 28 values around, reflected at the ends, and 0.05 times the mean") {
    std::vector<double> curve(40);
    for (std::size_t i = 0; i < curve.size(); ++i) curve[i] = static_cast<double>(i);
    const std::vector<double> threshold = msaf_threshold(curve);
    CHECK(threshold[20] == 20.0 + 0.05 * 19.5);  // 6 .. 33: the 15th
    CHECK(threshold[14] == 14.0 + 0.05 * 19.5);
    CHECK(threshold[0] == 7.0 + 0.05 * 19.5);    // 13 .. 0, 0 .. 13
    CHECK(threshold[39] == 33.0 + 0.05 * 19.5);  // 25 .. 39, 39 .. 27
    CHECK(msaf_threshold({4.0}) == std::vector<double>{4.0 + 0.05 * 4.0});
    CHECK(msaf_threshold({}).empty());
}

TEST_CASE("structure: peaks of sf lie above both neighbours and the threshold") {
    const std::vector<double> curve{9, 1, 5, 2, 3, 3, 1, 4, 4, 5, 5, 6, 0, 8};
    const std::vector<double> low(curve.size(), 0.0);
    CHECK(msaf_peaks(curve, low) == Peaks{2, 4, 11});  // of the two 3s the first; 4 4 and 5 5 are steps, no tops
    std::vector<double> threshold = low;
    threshold[2] = 5.0;   // not above it
    threshold[5] = 99.0;  // does not matter: the first of equals counts
    CHECK(msaf_peaks(curve, threshold) == Peaks{4, 11});
    CHECK(msaf_peaks({1, 2, 2}, {0, 0, 0}).empty());  // a top that has no end is none
    CHECK(msaf_peaks({}, {}).empty());
}

TEST_CASE("structure: peaks of sf-authors are the largest within 60 frames, of equal ones the first") {
    std::vector<double> curve(300);
    curve[0] = 0.06;   // an end may be a peak
    curve[100] = 0.5;  // 60 before a larger one: none
    curve[160] = 0.7;
    curve[220] = 0.7;   // 60 behind an equal one: none
    curve[281] = 0.05;  // at the level
    CHECK(authors_peaks(curve) == Peaks{0, 160, 281});
    curve[99] = 0.5;  // 61 before it
    curve[220] = 0.0;
    curve[221] = 0.7;
    curve[281] = 0.04;
    CHECK(authors_peaks(curve) == Peaks{0, 99, 160, 221});
    CHECK(authors_peaks(std::vector<double>(100, 1.0)) == Peaks{0});
    CHECK(authors_peaks({}).empty());
}
