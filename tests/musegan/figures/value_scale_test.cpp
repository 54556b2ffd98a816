#include "musegan/figures/value_scale.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace musegan;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double largest = std::numeric_limits<double>::max();

ValueScale scale_of(const std::vector<double>& values) { return ValueScale(values); }

/// The ends as they are written.
std::string ends(double low, double high) {
    const ValueScale scale = scale_of({low, high});
    return scale.text(scale.low) + " " + scale.text(scale.high);
}

}  // namespace

TEST_CASE("value scale: it has the range of the finite values, and every value its share of it") {
    const ValueScale scale = scale_of({3, not_a_number, -1, HUGE_VAL, 7, -HUGE_VAL});
    CHECK(scale.low == -1);
    CHECK(scale.high == 7);
    CHECK(scale.share(-1) == 0);
    CHECK(scale.share(1) == 0.25);
    CHECK(scale.share(7) == 1);
    CHECK(std::isnan(scale.share(not_a_number)));
    CHECK(std::isnan(scale.share(HUGE_VAL)));
    CHECK(scale_of({-largest, largest}).share(0) == 0.5);
    CHECK(scale_of({-largest, largest}).share(largest) == 1);
    CHECK(scale_of({}).is_empty());
    CHECK(scale_of({not_a_number, HUGE_VAL}).is_empty());
    CHECK_FALSE(scale.is_empty());
}

TEST_CASE("value scale: a range of no more than a millionth is flat, with every value in its middle") {
    CHECK(scale_of({5}).is_flat());
    CHECK(scale_of({0, 0}).is_flat());
    CHECK(scale_of({1000, 1000.0009}).is_flat());
    CHECK_FALSE(scale_of({1000, 1000.0011}).is_flat());
    CHECK(scale_of({-1000, -1000.0009}).is_flat());
    CHECK_FALSE(scale_of({0, 1e-300}).is_flat());
    CHECK(scale_of({0, std::numeric_limits<double>::denorm_min()}).is_flat());  // without a half
    CHECK(scale_of({1000, 1000.0009}).share(1000) == 0.5);
}

TEST_CASE("value scale: its ends are written shortly, and so that they differ") {
    CHECK(ends(-17.84, 25.71) == "\u221218 26");
    CHECK(ends(-0.6, 0.741) == "\u22120.60 0.74");
    CHECK(ends(-159.4, 1939) == "\u2212159 1939");
    CHECK(ends(0.002, 0.0091) == "0.0020 0.0091");
    CHECK(ends(100.001, 100.004) == "100.0010 100.0040");
    CHECK(ends(-1e-9, 1) == "0 1.00");
    CHECK(ends(0, 4e-5) == "0 4.0e-05");
    CHECK(ends(-2e-5, 4e-5) == "\u22122.0e-05 4.0e-05");
    CHECK(ends(1e6, 1.002e6) == "1.0000e+06 1.0020e+06");
    CHECK(ends(-largest, largest) == "\u22121.8e+308 1.8e+308");
    CHECK(ends(0.5, 0.5) == "0.500 0.500");
    CHECK(ends(0, 0) == "0 0");
    CHECK(ends(1e-320, 1e-319) == "1.0e-320 1.0e-319");
}
