// Numbers for people.
#include "tensor/units.hpp"

#include <doctest/doctest.h>

using namespace tensor;

TEST_CASE("units: durations change their unit where it is read best") {
    CHECK(duration_text(0) == "0.0 s");
    CHECK(duration_text(3.04) == "3.0 s");
    CHECK(duration_text(9.94) == "9.9 s");
    CHECK(duration_text(9.96) == "10 s");
    CHECK(duration_text(59.4) == "59 s");
    CHECK(duration_text(59.6) == "1 min 00 s");
    CHECK(duration_text(252) == "4 min 12 s");
    CHECK(duration_text(3599.6) == "1 h 00 min");
    CHECK(duration_text(2 * 3600 + 5 * 60 + 59) == "2 h 05 min");
    CHECK(duration_text(57 * 3600) == "57 h 00 min");
}

TEST_CASE("units: a pace has two digits") {
    CHECK(pace_text(0.00073) == "0.73 ms");
    CHECK(pace_text(0.0073) == "7.3 ms");
    CHECK(pace_text(0.00996) == "0.01 s");
    CHECK(pace_text(0.0734) == "0.073 s");
    CHECK(pace_text(0.97) == "0.97 s");
    CHECK(pace_text(1.34) == "1.3 s");
    CHECK(pace_text(26.4) == "26 s");
    CHECK(pace_text(123) == "2 min 03 s");
}

TEST_CASE("units: long counts are grouped by thousands") {
    CHECK(count_text(0) == "0");
    CHECK(count_text(450) == "450");
    CHECK(count_text(2000) == "2,000");
    CHECK(count_text(100'000) == "100,000");
    CHECK(count_text(1'000'000) == "1,000,000");
    CHECK(count_text(-100) == "-100");
    CHECK(count_text(-1000) == "-1,000");
}
