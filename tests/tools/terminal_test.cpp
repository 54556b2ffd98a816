// Numbers of progress: what they say is so, and what cannot be said is left out.
#include "tools/terminal.hpp"

#include <doctest/doctest.h>

#include <limits>

TEST_CASE("a rate has separators, and is left out where the time is too short to say") {
    CHECK(tools::rate_text(21, 100) == "0.21/s");
    CHECK(tools::rate_text(999, 100) == "9.99/s");
    CHECK(tools::rate_text(1000, 100) == "10/s");
    CHECK(tools::rate_text(218436, 1) == "218,436/s");
    CHECK(tools::rate_text(5, 0.01) == "500/s");
    for (const double seconds : {0.0, 0.009, -1.0, std::numeric_limits<double>::quiet_NaN()})
        CHECK(tools::rate_text(20, seconds).empty());
    CHECK(tools::rate_text(0, 10).empty());
}
