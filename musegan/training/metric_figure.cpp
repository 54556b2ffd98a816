#include "musegan/training/metric_figure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "musegan/evaluation/metric_list.hpp"
#include "musegan/figures/arrangement.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

/// A chart: the metrics of one group.
struct Panel {
    const char* group;
    const char* title;
    const char* y_label;
};
constexpr std::array panels{Panel{"EB", "Empty bars (EB)", "% of all bars"},
                            Panel{"UPC", "Pitch classes in a bar (UPC)", "pitch classes"},
                            Panel{"QN", "Notes of a 32nd or longer (QN)", "% of all notes"},
                            Panel{"DP", "Drum patterns (DP)", "% of all notes of the drums"},
                            Panel{"notes per bar", "Notes in a bar", "notes"},
                            Panel{"TD", "Tonal distance of two tracks (TD)", "distance"}};

/// Colours of the pairs of tracks, which have none of their own.
constexpr std::array<Color, 6> pair_colors{
    {{0, 110, 130}, {31, 119, 180}, {214, 89, 20}, {150, 120, 0}, {110, 60, 160}, {44, 140, 60}}};

bool says_something(const std::vector<double>& values) {
    return std::ranges::any_of(values, [](double value) { return std::isfinite(value); });
}

/// A track's, or that of a pair of tracks.
Color color_of(const Metric& metric, std::size_t pair) {
    return metric.track ? tracks[static_cast<std::size_t>(*metric.track)].color
                        : pair_colors[pair % pair_colors.size()];
}

std::string name_of(const Metric& metric) {
    return metric.track ? std::string(tracks[static_cast<std::size_t>(*metric.track)].name) : metric.column;
}

/// The chart of a panel as it is drawn; without curves where the run has none.
Chart drawn_chart(const Panel& panel, const std::vector<MetricChart>& charts) {
    Chart drawn{
        {}, {}, {.title = panel.title, .x_label = "generator updates", .y_label = panel.y_label, .height = 320}};
    const auto chart = std::ranges::find(charts, panel.group, &MetricChart::group);
    if (chart == charts.end()) return drawn;
    for (const MetricCurve& curve : chart->curves) {
        drawn.series.push_back(curve.model);
        if (curve.data) drawn.references.push_back({"", *curve.data, curve.model.color});
    }
    if (!drawn.references.empty()) drawn.references.front().name = "dashed: the data";
    return drawn;
}

}  // namespace

std::vector<MetricChart> metric_charts(const MetricCurves& curves) {
    const int window = static_cast<int>(std::clamp<std::size_t>(curves.steps.size() / 10, 1, 15)) | 1;
    std::vector<MetricChart> charts;
    for (const Panel& panel : panels) {
        MetricChart chart{panel.group, panel.title, panel.y_label, {}};
        for (const Metric& metric : metric_list()) {
            if (metric.group != panel.group) continue;
            const auto found = curves.model.find(metric.key);
            if (found == curves.model.end() || !says_something(found->second)) continue;
            const auto data = curves.data.find(metric.key);
            const Color color = color_of(metric, chart.curves.size());
            chart.curves.push_back({{name_of(metric), curves.steps, found->second, color, window},
                                    data == curves.data.end() ? std::nullopt : std::optional(data->second)});
        }
        if (!chart.curves.empty()) charts.push_back(std::move(chart));
    }
    return charts;
}

Picture metric_figure(const MetricCurves& curves) { return metric_figure({TitledMetrics{"", curves}}); }

Picture metric_figure(const std::vector<TitledMetrics>& runs) {
    std::vector<std::string> titles;
    std::vector<std::vector<MetricChart>> charts;  // of each run
    for (const TitledMetrics& run : runs) {
        titles.push_back(run.title);
        charts.push_back(metric_charts(run.curves));
    }
    std::vector<std::vector<Picture>> rows;
    for (const Panel& panel : panels) {
        std::vector<Chart> row;
        for (const std::vector<MetricChart>& run : charts) row.push_back(drawn_chart(panel, run));
        if (std::ranges::any_of(row, [](const Chart& chart) { return !chart.series.empty(); }))
            rows.push_back(comparable_charts(row));
    }
    if (rows.empty()) tensor::fail("metric_figure", "no metric along training, expected one of a run or more");
    return in_columns(rows, titles);
}

}  // namespace musegan
