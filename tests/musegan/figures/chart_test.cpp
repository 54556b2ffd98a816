#include "musegan/figures/chart.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <iterator>
#include <set>
#include <string>

#include "musegan/figures/chart_values.hpp"
#include "tensor/error.hpp"
#include "tests/support/png.hpp"

using namespace musegan;
using support::Pixels;

namespace {

Pixels pixels_of(const Picture& picture) { return support::decode_png(picture.png()); }

using Labels = std::vector<std::string>;

}  // namespace

TEST_CASE("chart: ticks are round numbers inside the range") {
    CHECK(axis_ticks(0, 10, 5) == std::vector<double>{0, 2, 4, 6, 8, 10});
    CHECK(axis_ticks(-1.5, 1.5, 3) == std::vector<double>{-1, 0, 1});
    CHECK(axis_ticks(130, 970, 4) == std::vector<double>{500});
    CHECK(axis_ticks(3, 3, 4).empty());
    CHECK(axis_ticks(0, INFINITY, 4).empty());
}

TEST_CASE("chart: labels of ticks have the decimals of their distance and commas between thousands") {
    CHECK(tick_labels({0, 500, 1000, 1500}) == Labels{"0", "500", "1,000", "1,500"});
    CHECK(tick_labels({-1e6, -5e5, 0}) == Labels{"\u22121,000,000", "\u2212500,000", "0"});
    CHECK(tick_labels({-0.5, 0, 0.5, 1}) == Labels{"\u22120.5", "0", "0.5", "1.0"});
    CHECK(tick_labels({0.02, 0.04}) == Labels{"0.02", "0.04"});
    CHECK(tick_labels({1000.25, 1000.5}) == Labels{"1,000.2", "1,000.5"});
    CHECK(tick_labels({1e7, 2e7}) == Labels{"1e+07", "2e+07"});
    CHECK(tick_labels({0, 2e-7}) == Labels{"0", "2e-07"});
    CHECK(tick_labels({500}) == Labels{"500"});
    CHECK(tick_labels({}).empty());
    // 0.1 + 0.2 and its like do not show.
    CHECK(tick_labels(axis_ticks(0, 0.4, 4)) == Labels{"0", "0.1", "0.2", "0.3", "0.4"});
}

TEST_CASE("chart: the running median resists a spike and skips nan") {
    CHECK(running_median({1, 2, 100, 4, 5}, 3) == std::vector<double>{1.5, 2, 4, 5, 4.5});
    const auto medians = running_median({NAN, 2, NAN, NAN, NAN}, 3);
    CHECK(medians[0] == 2);
    CHECK(medians[2] == 2);
    CHECK(std::isnan(medians[3]));
    CHECK(running_median({3, 1, 2}, 1) == std::vector<double>{3, 1, 2});
}

TEST_CASE("chart: a line is thinned to its first, lowest, highest and last point in each column of pixels") {
    std::vector<Point> line;
    for (int k = 0; k < 10; ++k) line.push_back({4 + k / 10.0, std::abs(k - 3.0) * (k == 7 ? 9 : 1)});
    line.push_back({5.5, 1});
    const std::vector<Point> thin = thin_out(line);
    REQUIRE(thin.size() == 5);
    CHECK(thin[0].y == 3);   // first
    CHECK(thin[1].y == 0);   // lowest
    CHECK(thin[2].y == 36);  // highest
    CHECK(thin[3].x == 4.9);
    CHECK(thin[4].x == 5.5);
    CHECK(thin_out({}).empty());
}

TEST_CASE("chart: the range leaves out what is far out, and is never of no length") {
    std::vector<double> values{1e9};
    for (int k = 0; k < 200; ++k) values.push_back(k);
    CHECK(range_of(values, true).high < 200);
    CHECK(range_of(values, false).high == 1e9);
    CHECK(range_of({}, true).is_empty());
    Range flat{4, 4};
    flat.widen(0.1);
    CHECK(flat.low == doctest::Approx(3.6));
    CHECK(flat.high == doctest::Approx(4.4));
}

TEST_CASE("chart: curves are drawn in their colour where their values are") {
    Series rising{"rising", {}, {}, {200, 0, 0}, 0};
    for (int k = 0; k <= 100; ++k) {
        rising.x.push_back(k);
        rising.y.push_back(k);
    }
    rising.y[50] = NAN;
    const Pixels pixels =
        pixels_of(line_chart({rising}, {{"level", 120, {0, 0, 200}}}, {.title = "T", .x_label = "x", .y_label = "y"}));
    CHECK(pixels.width == 900);
    CHECK(pixels.count({200, 0, 0}) > 300);
    CHECK(pixels.count({0, 0, 200}) > 200);
    int low_left = 0, high_left = 0;
    std::set<int> inked;
    for (int y = 60; y < pixels.height - 51; ++y) {
        for (int x = 75; x < pixels.width; ++x) {
            const Color color = pixels.at(x, y);
            if (color[0] > color[1] + 20) inked.insert(x);
            if (color == Color{200, 0, 0} && x < 200) (y > pixels.height / 2 ? low_left : high_left) += 1;
        }
    }
    CHECK(low_left > 10);
    CHECK(high_left == 0);
    // 100 intervals of 8 pixels: the nan takes two of them out of the middle, less the round ends.
    const auto gap = std::distance(inked.lower_bound(440), inked.lower_bound(500));
    CHECK(gap <= 60 - 12);
    CHECK(gap >= 60 - 18);
}

TEST_CASE("chart: charts that are compared have their axes at the same places") {
    const Color red{200, 0, 0};
    const auto chart = [&](const char* name, double y, double end) {
        return Chart{{{name, {0, end}, {y, y}, red, 0}}, {}, {.title = name, .x_label = "x"}};
    };
    const auto is_red = [](Color color) { return color[0] > color[1] + 100; };
    const auto row_of = [&](const Pixels& pixels) {  // of the curve, below the legend
        for (int y = 60; y < pixels.height; ++y)
            if (is_red(pixels.at(200, y))) return y;
        return -1;
    };
    // Alone each stands in the middle; together the one at 10 stands where 10 is in both.
    const std::vector<Picture> both = comparable_charts({chart("a", 10, 100), chart("b", 1000, 50)});
    REQUIRE(both.size() == 2);
    const Pixels low = pixels_of(both[0]), high = pixels_of(both[1]);
    const int alone = row_of(pixels_of(line_chart(chart("a", 10, 100).series, {}, {.title = "a", .x_label = "x"})));
    CHECK(row_of(low) > alone + 100);
    CHECK(row_of(high) > 0);
    CHECK(row_of(high) < alone - 100);
    // The curve of half the steps ends in the middle.
    CHECK(is_red(low.at(850, row_of(low))));
    CHECK_FALSE(is_red(high.at(850, row_of(high))));
    // All that stands left of the plot and below it is the same.
    for (int y = 60; y < low.height; ++y)
        for (int x = 0; x < low.width; ++x)
            if (x < 55 || y > low.height - 48) REQUIRE(low.at(x, y) == high.at(x, y));
    // A legend of two rows in one leaves the room in the other; a chart of nothing has the axes of the other.
    Chart many = chart("c", 10, 100);
    for (int k = 0; k < 9; ++k) many.series.push_back({std::string(30, 'n'), {0}, {10}, {0, 0, 200}, 0});
    const std::vector<Picture> uneven = comparable_charts({chart("a", 10, 100), many, Chart{{}, {}, many.options}});
    CHECK(row_of(pixels_of(uneven[0])) == row_of(pixels_of(uneven[1])));
    CHECK(row_of(pixels_of(uneven[0])) > alone);
    CHECK(pixels_of(uneven[2]).any_ink(20, 200, 30, 200));
    CHECK(comparable_charts({}).empty());
    CHECK_THROWS_AS(comparable_charts({chart("a", 1, 1), Chart{{{"x", {1}, {}, red, 0}}, {}, {}}}), tensor::Error);
}

TEST_CASE("chart: title, legend, tick labels and the names of the axes have ink in their margins") {
    const Series flat{"flat", {0, 20'000}, {0, 3'000}, {0, 150, 0}, 0};
    const ChartOptions all{.title = "Title", .x_label = "updates", .y_label = "score"};
    const auto draw = [&](const ChartOptions& options) { return pixels_of(line_chart({flat}, {}, options)); };
    const Pixels pixels = draw(all);
    CHECK(pixels.any_ink(76, 8, 60, 24));                   // the title
    CHECK(pixels.any_ink(76, 36, 28, 16));                  // the legend's line
    CHECK(pixels.any_ink(108, 36, 30, 16));                 // and name
    CHECK(pixels.any_ink(32, 60, 36, 350));                 // numbers left
    CHECK(pixels.any_ink(60, 436, 40, 14));                 // and below: 0 stands under the corner
    CHECK(pixels.any_ink(pixels.width - 45, 436, 44, 14));  // and 20,000 under the other, inside the picture
    CHECK_FALSE(pixels.any_ink(pixels.width - 2, 0, 2, pixels.height));
    CHECK(pixels.any_ink(400, 456, 150, 20));  // "updates"
    CHECK(pixels.any_ink(10, 200, 16, 100));   // "score", upward
    CHECK_FALSE(pixels.any_ink(10, 60, 16, 100));
    CHECK(line_chart({flat}, {}, all).png() == line_chart({flat}, {}, all).png());
    ChartOptions other = all;
    other.y_label = "force";
    CHECK(line_chart({flat}, {}, all).png() != line_chart({flat}, {}, other).png());
}

TEST_CASE("chart: a filtered curve is pale under its median") {
    Series noise{"noise", {}, {}, {31, 119, 180}, 11};
    for (int k = 0; k < 300; ++k) {
        noise.x.push_back(k);
        noise.y.push_back(k * 7919 % 13);
    }
    const Pixels pixels = pixels_of(line_chart({noise}, {}, {}));
    CHECK(pixels.count({31, 119, 180}) > 300);
    CHECK(pixels.count(tint({31, 119, 180}, 0.35)) > 300);
}

TEST_CASE("chart: nothing, one point, equal values, infinities and far outliers make a picture") {
    const ChartOptions options{.width = 300, .height = 200};
    CHECK(pixels_of(line_chart({}, {}, options)).width == 300);
    CHECK(pixels_of(line_chart({{"a", {5}, {7}, {1, 1, 1}, 0}}, {}, options)).count({1, 1, 1}) > 0);
    CHECK(pixels_of(line_chart({{"a", {1, 2, 3}, {4, 4, 4}, {1, 1, 1}, 5}}, {}, options)).height == 200);
    CHECK(pixels_of(line_chart({{"a", {1, NAN, 3}, {INFINITY, 4, NAN}, {1, 1, 1}, 5}}, {{"r", NAN, black}}, options))
              .height == 200);
    Series spike{"spike", {}, {}, {0, 150, 0}, 0};
    for (int k = 0; k < 400; ++k) {
        spike.x.push_back(k);
        spike.y.push_back(k == 7 ? 1e30 : std::sin(k / 20.0));
    }
    // The sine fills the plot, not a flat line.
    CHECK(pixels_of(line_chart({spike}, {}, options)).count({0, 150, 0}) > 200);
    CHECK_THROWS_AS(line_chart({{"a", {1, 2}, {1}, {1, 1, 1}, 0}}, {}, options), tensor::Error);
    CHECK_THROWS_AS(line_chart({}, {}, {.width = 10, .height = 10}), tensor::Error);
}
