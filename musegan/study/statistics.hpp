// Medians, which one slow run among many does not move.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace musegan {

/// The middle value, or the mean of the two in the middle; 0 of none.
inline double median(std::vector<double> values) {
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// 1.4826 times the median distance from the median: the standard deviation where values are normally distributed,
/// and hardly moved by outliers.
inline double spread(const std::vector<double>& values) {
    const double center = median(values);
    std::vector<double> distances;
    for (const double value : values) distances.push_back(std::abs(value - center));
    return 1.4826 * median(distances);
}

}  // namespace musegan
