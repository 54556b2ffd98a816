#include "musegan/pages/numbers.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace musegan;

TEST_CASE("numbers of pages: three digits that count, and nothing for what is no number") {
    CHECK(page_number(1234.4) == "1,234");
    CHECK(page_number(123.4) == "123");
    CHECK(page_number(-12.34) == "-12.3");
    CHECK(page_number(0.01234) == "0.0123");
    CHECK(page_number(1.234e-7) == "1.23e-07");
    CHECK(page_number(0) == "0");
    CHECK(page_number(std::numeric_limits<double>::quiet_NaN()).empty());
    CHECK(page_number(std::numeric_limits<double>::infinity()).empty());
}

TEST_CASE("numbers of pages: shares and differences") {
    CHECK(page_share(0.421) == "42 %");
    CHECK(page_share(0.0421) == "4.2 %");
    CHECK(page_share(-0.5) == "-50 %");
    CHECK(page_share(std::numeric_limits<double>::quiet_NaN()).empty());
    CHECK(page_difference(0) == "0");
    CHECK(page_difference(3.14e-16) == "3.1e-16");
    CHECK(page_difference(std::numeric_limits<double>::infinity()).empty());
}
