#include "musegan/training/metric_figure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "musegan/evaluation/metric_list.hpp"
#include "musegan/figures/chart.hpp"

namespace musegan {

namespace {

/// A chart: the metrics of one group.
struct Panel {
    const char* group;
    const char* title;
    const char* y_label;
};
constexpr std::array panels{
    Panel{"EB", "Empty bars (EB)", "% of all bars"}, Panel{"UPC", "Pitch classes in a bar (UPC)", "pitch classes"},
    Panel{"QN", "Notes of a 32nd or longer (QN)", "% of all notes"}, Panel{"notes per bar", "Notes in a bar", "notes"},
    Panel{"TD", "Tonal distance of two tracks (TD)", "distance"}};

/// Colours of the pairs of tracks, which have none of their own.
constexpr std::array<Color, 6> pair_colors{
    {{0, 110, 130}, {31, 119, 180}, {214, 89, 20}, {150, 120, 0}, {110, 60, 160}, {44, 140, 60}}};

bool says_something(const std::vector<double>& values) {
    return std::ranges::any_of(values, [](double value) { return std::isfinite(value); });
}

/// What a group's curves and their references are; empty where there is nothing to draw.
std::pair<std::vector<Series>, std::vector<ReferenceLine>> curves_of(const Panel& panel, const MetricCurves& curves) {
    const int window = static_cast<int>(std::clamp<std::size_t>(curves.steps.size() / 10, 1, 15)) | 1;
    std::pair<std::vector<Series>, std::vector<ReferenceLine>> drawn;
    std::size_t pair = 0;
    for (const Metric& metric : metric_list()) {
        if (metric.group != panel.group) continue;
        const Color color =
            metric.track ? tracks[static_cast<std::size_t>(*metric.track)].color : pair_colors[pair++ % 6];
        const std::string name =
            metric.track ? std::string(tracks[static_cast<std::size_t>(*metric.track)].name) : metric.column;
        const auto found = curves.model.find(metric.key);
        if (found == curves.model.end() || !says_something(found->second)) continue;
        drawn.first.push_back({name, curves.steps, found->second, color, window});
        if (const auto data = curves.data.find(metric.key); data != curves.data.end())
            drawn.second.push_back({"", data->second, color});
    }
    return drawn;
}

}  // namespace

Picture metric_figure(const MetricCurves& curves) {
    std::vector<Picture> charts;
    for (const Panel& panel : panels) {
        auto [series, references] = curves_of(panel, curves);
        if (series.empty()) continue;
        references.front().name = "dashed: the data";
        charts.push_back(line_chart(
            series, references,
            {.title = panel.title, .x_label = "generator updates", .y_label = panel.y_label, .height = 320}));
    }
    return stacked(charts);
}

}  // namespace musegan
