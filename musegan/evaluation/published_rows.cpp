#include "musegan/evaluation/published_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace musegan {

namespace {

constexpr double given = std::numeric_limits<double>::quiet_NaN();

/// Where a metric stands in its group.
std::size_t place_in_group(const Metric& metric) {
    std::size_t place = 0;
    for (const Metric& other : metric_list()) {
        if (other.key == metric.key) break;
        place += other.group == metric.group;
    }
    return place;
}

}  // namespace

double PublishedRow::value(const Metric& metric) const {
    const auto group = std::ranges::find(distance_groups, metric.group);
    if (group == distance_groups.end()) return std::numeric_limits<double>::quiet_NaN();
    const std::vector<double>& values = groups[static_cast<std::size_t>(group - distance_groups.begin())];
    return values.empty() ? std::numeric_limits<double>::quiet_NaN() : values.at(place_in_group(metric));
}

bool PublishedRow::stands_in(MetricTable table) const {
    return std::ranges::any_of(
        metric_list(), [&](const Metric& metric) { return metric.table == table && !std::isnan(value(metric)); });
}

const std::vector<PublishedRow>& published_rows() {
    // EB of B D G P S, UPC of B G P S, QN of B G P S, DP; TD of B-G B-S B-P G-S G-P S-P.
    static const std::vector<PublishedRow> rows{
        {"paper: data",
         {{{8.06, 8.06, 19.4, 24.8, 10.1},
           {1.71, 3.08, 3.28, 3.38},
           {90.0, 81.9, 88.4, 89.6},
           {88.6},
           {1.57, 1.58, 1.51, 1.10, 1.02, 1.04}}}},
        {"paper: shuffled", {{{}, {}, {}, {}, {1.59, 1.59, 1.56, 1.14, 1.12, 1.13}}}},
        {"paper: jamming",
         {{{6.59, 2.33, 18.3, 22.6, 6.10},
           {1.53, 3.69, 4.13, 4.09},
           {71.5, 56.6, 62.2, 63.1},
           {93.2},
           {1.56, 1.60, 1.54, 1.05, 0.99, 1.05}}}},
        {"paper: composer",
         {{{0.01, 28.9, 1.34, 0.02, 0.01},
           {2.51, 4.20, 4.89, 5.19},
           {49.5, 47.4, 49.9, 52.5},
           {75.3},
           {1.37, 1.36, 1.30, 0.95, 0.98, 0.91}}}},
        {"paper: hybrid",
         {{{2.14, 29.7, 11.7, 17.8, 6.04},
           {2.35, 4.76, 5.45, 5.24},
           {44.6, 43.2, 45.5, 52.0},
           {71.3},
           {1.34, 1.35, 1.32, 0.85, 0.85, 0.83}}}},
        {"paper: no batch norm",
         {{{92.4, 100, 12.5, 0.68, 0.00}, {1.00, 2.88, 2.32, 4.72}, {0.00, 22.8, 31.1, 26.2}, {0.0}, {}}}},
        {"paper: jamming|P",
         {{{4.60, 3.47, 13.3, given, 3.44}, {2.05, 3.79, given, 4.23}, {73.9, 58.8, given, 62.3}, {91.6}, {}}}},
        {"paper: composer|P",
         {{{0.65, 20.7, 1.97, given, 1.49}, {2.51, 4.57, given, 5.10}, {53.5, 48.4, given, 59.0}, {84.5}, {}}}},
        {"paper: hybrid|P",
         {{{2.09, 4.53, 10.3, given, 4.05}, {2.86, 4.43, given, 4.32}, {43.3, 55.6, given, 67.1}, {71.8}, {}}}}};
    return rows;
}

}  // namespace musegan
