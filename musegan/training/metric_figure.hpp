// The metrics along training as charts, and these as a picture.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "musegan/figures/chart.hpp"
#include "musegan/training/metric_log.hpp"

namespace musegan {

/// A metric of one track or pair along training, in its colour.
struct MetricCurve {
    Series model{};
    std::optional<double> data{};  ///< the data's value; none where metrics.csv has none
};
/// The metrics of one group.
struct MetricChart {
    std::string group{};  ///< "EB", as in metric_list()
    std::string title{}, unit{};
    std::vector<MetricCurve> curves{};  ///< at least one
};
/// EB, UPC, QN, DP, notes per bar and TD, as far as they say anything.
std::vector<MetricChart> metric_charts(const MetricCurves& curves);

/// Those charts, one below the other; raw pale and median filtered strong, the data's value dashed (AAAI 2018, figure
/// 8, shows UPC and QN so).
Picture metric_figure(const MetricCurves& curves);

/// A run's metrics and what they are called.
struct TitledMetrics {
    std::string title{};  ///< empty for none
    MetricCurves curves{};
};
/// The same of several runs side by side, each under its title, on the same axes: a chart for everything that one of
/// them says something of. Throws Error where none says anything.
Picture metric_figure(const std::vector<TitledMetrics>& runs);

}  // namespace musegan
