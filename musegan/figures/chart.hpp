// Line charts: loss curves and metrics along training.
#pragma once

#include <string>
#include <vector>

#include "musegan/figures/picture.hpp"

namespace musegan {

/// One curve. Points that are not finite break it.
struct Series {
    std::string name;
    std::vector<double> x;
    std::vector<double> y;
    Color color{31, 119, 180};
    int median_window = 0;  ///< above 1: the curve is drawn pale, and its running median over so many points strong
};

/// A level to compare with, drawn dashed over the whole width: the training data's value, say.
struct ReferenceLine {
    std::string name;  ///< in the legend; empty for a line that is not in it
    double y = 0.0;
    Color color{90, 90, 90};
};

struct ChartOptions {
    std::string title{};
    std::string x_label{};
    std::string y_label{};
    int width = 900;
    int height = 480;
    bool clip_outliers = true;  ///< the y axis shows the middle 98 % of values where the rest is far out
};

/// Axes with tick labels, a light grid, a legend above the plot. Throws Error where a series has not as many x as y or
/// the picture is too small (under 200 x 150). Without any finite point the axes are drawn with a note.
Picture line_chart(const std::vector<Series>& series, const std::vector<ReferenceLine>& references,
                   const ChartOptions& options);

/// What a chart is drawn of.
struct Chart {
    std::vector<Series> series{};
    std::vector<ReferenceLine> references{};
    ChartOptions options{};
};
/// Charts of one size that can be compared: each is line_chart's of its own, but the axes of all show the same ranges,
/// which hold what each would show alone, at the same places. Throws Error as line_chart does.
std::vector<Picture> comparable_charts(const std::vector<Chart>& charts);

}  // namespace musegan
