#include "musegan/training/loss_figure.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

#include "musegan/training/metric_figure.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/training/figure_runs.hpp"
#include "tests/support/png.hpp"

using namespace musegan;
using support::Pixels;

namespace {

constexpr int chart_width = 900, chart_height = 320, title = 28;

Pixels pixels_of(const Picture& picture) { return support::decode_png(picture.png()); }

LogTable log_of(const std::vector<std::string>& columns, double level) {
    LogTable log{columns, {{1, 2, 3}}};
    for (std::size_t k = 1; k < columns.size(); ++k) log.values.push_back({level, level, level});
    return log;
}

const std::vector<std::string> penalized{"step",       "negative_critic_loss", "wasserstein",   "penalty",
                                         "slope_mean", "slope_deviation",      "generator_loss"};

/// The row between two in which column x is nearest to a colour, as smooth edges go; -1 for none that is near.
int row_of(const Pixels& pixels, Color color, int x, int top, int bottom) {
    int row = -1, nearest = 120;
    for (int y = top; y < bottom; ++y) {
        int distance = 0;
        for (std::size_t k = 0; k < 3; ++k) distance += std::abs(pixels.at(x, y)[k] - color[k]);
        if (distance < nearest) nearest = distance, row = y;
    }
    return row;
}

}  // namespace

TEST_CASE("loss figure: a chart for the critic, slopes, penalty and generators, and none for what is not logged") {
    CHECK(pixels_of(loss_figure({{"", log_of(penalized, 1)}})).height == 4 * chart_height);
    CHECK(pixels_of(loss_figure({{"T", log_of(penalized, 1)}})).height == 4 * chart_height + title);
    const Pixels clipped = pixels_of(loss_figure({{"", log_of({"step", "wasserstein", "generator_loss"}, 2)}}));
    CHECK(clipped.height == 2 * chart_height);
    CHECK(clipped.width == chart_width);
    CHECK_THROWS_AS(loss_figure({{"", log_of({"wasserstein"}, 2)}}), tensor::Error);
    CHECK_THROWS_AS(loss_figure({}), tensor::Error);
}

TEST_CASE("loss figure: critics per track have a curve each, in their tracks' colours") {
    std::vector<std::string> columns{"step"};
    for (const Track& track : tracks)
        for (const char* name : {"wasserstein", "slope_mean", "generator_loss"})
            columns.push_back(std::string(track.name) + "." + name);
    LogTable log = log_of(columns, 0);
    for (std::size_t k = 1; k < columns.size(); ++k) log.values[k].assign(3, static_cast<double>(k));
    const Pixels pixels = pixels_of(loss_figure({{"", log}}));
    CHECK(pixels.height == 3 * chart_height);
    for (const Track& track : tracks)
        for (const int chart : {0, 1, 2}) {
            CAPTURE(track.name);
            CHECK(row_of(pixels, track.color, 400, chart * chart_height + 80, (chart + 1) * chart_height) > 0);
        }
}

TEST_CASE("loss figure: two runs stand side by side on the same axes") {
    const Pixels pixels = pixels_of(loss_figure({{"low", log_of(penalized, 10)}, {"high", log_of(penalized, 1000)}}));
    CHECK(pixels.width == 2 * chart_width);
    CHECK(pixels.height == 4 * chart_height + title);
    const Color blue{31, 119, 180};  // of the generators' loss, in the last chart
    const int top = title + 3 * chart_height + 60, bottom = pixels.height - 50;
    const int low = row_of(pixels, blue, 400, top, bottom), high = row_of(pixels, blue, chart_width + 400, top, bottom);
    CHECK(low > high + 150);
    CHECK(high > 0);
    // Of two that are alike, all but the titles is.
    const Pixels alike = pixels_of(loss_figure({{"a", log_of(penalized, 10)}, {"b", log_of(penalized, 10)}}));
    for (int y = title; y < alike.height; ++y)
        for (int x = 0; x < chart_width; ++x) REQUIRE(alike.at(x, y) == alike.at(x + chart_width, y));
    CHECK(alike.any_ink(12, 4, 20, 24));
    CHECK(alike.any_ink(chart_width + 12, 4, 20, 24));
}

TEST_CASE("metric figure: two runs stand side by side on the same axes, each with the data's value") {
    const support::TemporaryFolder folder;
    support::write_metrics(folder / "low", 10, 30);
    support::write_metrics(folder / "high", 80, 30);
    const MetricCurves low = read_metric_log(RunFolder(folder / "low"));
    const MetricCurves high = read_metric_log(RunFolder(folder / "high"));
    const Pixels one = pixels_of(metric_figure(low));
    CHECK(one.height == 6 * chart_height);  // EB, UPC, QN, DP, notes, TD
    const Pixels both = pixels_of(metric_figure({{"low", low}, {"high", high}}));
    CHECK(both.width == 2 * chart_width);
    CHECK(both.height == 6 * chart_height + title);
    const Color drums = tracks[1].color;  // alone in the chart of DP
    const int top = title + 3 * chart_height + 60, bottom = top + chart_height - 110;
    const auto rows = [&](int left) {  // of the curve, and of the dashed line, which has gaps
        std::vector<int> found;
        for (int y = top; y < bottom; ++y) {
            int ink = 0;
            for (int x = left + 100; x < left + 800; ++x) ink += both.at(x, y) == drums;
            if (ink > 300) found.push_back(y);
        }
        return found;
    };
    const std::vector<int> left = rows(0), right = rows(chart_width);
    REQUIRE(left.size() > 1);
    REQUIRE(right.size() > 1);
    CHECK(left.front() == right.back());  // the data's 30: above the curve of 10, below that of 80
    CHECK(left.back() > left.front() + 20);
    CHECK(right.front() < right.back() - 60);
    MetricCurves nothing;
    CHECK_THROWS_WITH_AS(metric_figure({{"a", nothing}}), doctest::Contains("no metric"), tensor::Error);
}
