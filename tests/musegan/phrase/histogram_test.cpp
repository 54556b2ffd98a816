#include "musegan/phrase/histogram.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace musegan;

namespace {

Histogram of(std::initializer_list<std::int64_t> values, std::int64_t first = 0) {
    Histogram histogram{first};
    for (const std::int64_t value : values) histogram.add(value);
    return histogram;
}

}  // namespace

TEST_CASE("histogram: counts values from its first on, and ends with one that occurs") {
    CHECK(of({}).counts.empty());
    CHECK(of({}).total() == 0);
    CHECK(of({3, 0, 3, 1}).counts == std::vector<std::int64_t>{1, 1, 0, 2});
    CHECK(of({3, 0, 3, 1}).total() == 4);
    CHECK(of({24, 26}, 24).counts == std::vector<std::int64_t>{1, 0, 1});
    CHECK(of({-2, 0}, -2).counts == std::vector<std::int64_t>{1, 0, 1});
}

TEST_CASE("histogram: merged it counts the values of both, whichever is longer") {
    const Histogram a = of({0, 4, 4}), b = of({1, 1});
    Histogram ab = a, ba = b;
    ab.merge(b);
    ba.merge(a);
    CHECK(ab.counts == std::vector<std::int64_t>{1, 2, 0, 0, 2});
    CHECK(ba.counts == ab.counts);
    ab.merge({});
    CHECK(ab.counts == ba.counts);
}

TEST_CASE("histogram: the overlap is the area that two share, whatever their totals") {
    const Histogram a = of({0, 0, 1, 2});
    CHECK(overlap(a, a) == 1.0);
    CHECK(overlap(a, of({0, 0, 1, 2, 0, 0, 1, 2})) == 1.0);
    CHECK(overlap(a, of({3, 4})) == 0.0);
    // Shares 1/2, 1/4, 1/4 and 1/4, 0, 1/2, 1/4.
    const Histogram b = of({0, 2, 2, 3});
    CHECK(overlap(a, b) == 0.5);
    CHECK(overlap(b, a) == 0.5);
    CHECK(std::isnan(overlap(a, {})));
    CHECK(std::isnan(overlap({}, a)));
    CHECK(std::isnan(overlap({}, {})));
}
