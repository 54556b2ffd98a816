// Busy time and gaps of a device from the intervals of what ran on it.
#include "tensor/timeline.hpp"

#include <doctest/doctest.h>

using tensor::Activity;
using tensor::timeline_of;

TEST_CASE("a timeline counts overlapping work once and gaps between, in any order") {
    const tensor::Timeline t = timeline_of({{"c", 9'000'000, 10'000'000},
                                            {"a", 1'000'000, 3'000'000},
                                            {"b", 2'000'000, 5'000'000},
                                            {"inside b", 2'500'000, 3'500'000}});
    CHECK(t.activities == 4);
    CHECK(t.span_ms == 9.0);
    CHECK(t.busy_ms == 5.0);
    CHECK(t.gap_share() == doctest::Approx(4.0 / 9.0));
}

TEST_CASE("work without gaps has none, and no work no time") {
    const tensor::Timeline t = timeline_of({{"a", 0, 2'000'000}, {"b", 2'000'000, 3'000'000}});
    CHECK(t.busy_ms == t.span_ms);
    CHECK(t.gap_share() == 0.0);
    CHECK(timeline_of({}).gap_share() == 0.0);
    CHECK(timeline_of({{"empty", 7, 7}}).span_ms == 0.0);
}
