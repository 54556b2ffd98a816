// What charts of a page compute, in node.
#include <doctest/doctest.h>

#include "tests/support/node.hpp"
#include "tests/support/skip.hpp"

using nlohmann::json;

TEST_CASE("chart lines: a number between two has its share of the pixels, and a range of one number has a place") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const json results = support::run_in_node(R"(
        import {along, stretchOf} from './report/chart_lines.js';
        done([along(3, [1, 5], [10, 30]), along(3, [1, 5], [30, 10]), along(7, [1, 5], [0, 8]),
          along(4, [4, 4], [0, 8]),
          stretchOf([{x: [3, 9]}, {x: []}, {x: [1, 5]}]), stretchOf([{x: []}]), stretchOf([])]);)");
    CHECK(results == json{20, 20, 12, 0, {1, 9}, {0, 1}, {0, 1}});
}

TEST_CASE("chart lines: the nearest place is what a look at every place finds, the lower of two as near") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const json results = support::run_in_node(R"(
        import {nearestPlace} from './report/chart_lines.js';
        const slow = (xs, x) => xs.reduce((best, at, k) => Math.abs(at - x) < Math.abs(xs[best] - x) ? k : best, 0);
        const xs = [1, 2, 4, 8, 16, 17, 40];
        let wrong = 0, looked = 0;
        for (let x = -3; x < 50; x += 0.5, ++looked) wrong += nearestPlace(xs, x) !== slow(xs, x);
        done({wrong, looked, empty: nearestPlace([], 3), one: nearestPlace([7], -1), tie: nearestPlace(xs, 3)});)");
    CHECK(results == json{{"wrong", 0}, {"looked", 106}, {"empty", -1}, {"one", 0}, {"tie", 1}});
}

TEST_CASE("chart lines: what is no number parts a line, and a point alone is a dot") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const json results = support::run_in_node(R"(
        import {lineThrough, spreadPlaces} from './report/chart_lines.js';
        const same = value => value;
        done([lineThrough([0, 1, 2, 3, 4], [5, 6, null, 7, null], same, same), lineThrough([], [], same, same),
          lineThrough([1, 2], [null, null], same, same),
          spreadPlaces(3, 5), spreadPlaces(101, 3), spreadPlaces(0, 3)]);)");
    CHECK(results[0] == "M0.0,5.0L1.0,6.0M3.0,7.0L3.0,7.0");
    CHECK(results[1] == "");
    CHECK(results[2] == "");
    CHECK(results[3] == json{0, 1, 2});
    CHECK(results[4] == json{0, 50, 100});
    CHECK(results[5] == json::array());
}

TEST_CASE("chart lines: ticks have the decimals that their distance needs, and commas between thousands") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const json results = support::run_in_node(R"(
        import {ticks, tickTexts} from './kit/numbers.js';
        done([[0, 1.5, 4], [-10, 30, 4], [0, 3000, 3], [0.1, 0.13, 3], [0, 4e6, 2]]
          .map(([low, high, count]) => tickTexts(ticks(low, high, count))).concat([tickTexts([]), tickTexts([5])]));)");
    CHECK(results[0] == json{"0.0", "0.5", "1.0", "1.5"});
    CHECK(results[1] == json{"-10", "0", "10", "20", "30"});
    CHECK(results[2] == json{"0", "1,000", "2,000", "3,000"});
    CHECK(results[3] == json{"0.10", "0.11", "0.12", "0.13"});
    CHECK(results[4] == json{"0", "2.0e+6", "4.0e+6"});
    CHECK(results[5] == json::array());
    CHECK(results[6] == json{"5"});
}
