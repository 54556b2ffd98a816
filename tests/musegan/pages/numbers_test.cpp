#include "musegan/pages/numbers.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace musegan;

TEST_CASE("numbers of pages: three digits that count, and nothing for what is no number") {
    CHECK(number_text(1234.4) == "1,234");
    CHECK(number_text(123.4) == "123");
    CHECK(number_text(-12.34) == "-12.3");
    CHECK(number_text(0.01234) == "0.0123");
    CHECK(number_text(1.234e-7) == "1.23e-07");
    CHECK(number_text(0) == "0");
    CHECK(number_text(std::numeric_limits<double>::quiet_NaN()).empty());
    CHECK(number_text(std::numeric_limits<double>::infinity()).empty());
}

TEST_CASE("numbers of pages: shares and differences") {
    CHECK(share_text(0.421) == "42 %");
    CHECK(share_text(0.0421) == "4.2 %");
    CHECK(share_text(-0.5) == "-50 %");
    CHECK(share_text(std::numeric_limits<double>::quiet_NaN()).empty());
    CHECK(difference_text(0) == "0");
    CHECK(difference_text(3.14e-16) == "3.1e-16");
    CHECK(difference_text(std::numeric_limits<double>::infinity()).empty());
}
