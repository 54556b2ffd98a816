#include "musegan/figures/chart_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace musegan {

void Range::include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
}

void Range::widen(double share) {
    const double length = high - low;
    const double margin = length > 0 ? length * share : std::max(std::abs(low) * 0.1, 1e-3);
    low -= margin;
    high += margin;
}

Range range_of(std::vector<double> values, bool clip_outliers, double outer) {
    if (values.empty()) return {};
    std::sort(values.begin(), values.end());
    const auto left_out = static_cast<std::size_t>(outer * static_cast<double>(values.size()));
    const Range whole{values.front(), values.back()};
    const Range inner{values[left_out], values[values.size() - 1 - left_out]};
    const bool far_out = inner.high > inner.low && whole.high - whole.low > 3 * (inner.high - inner.low);
    return clip_outliers && far_out ? inner : whole;
}

std::vector<double> running_median(const std::vector<double>& values, int window) {
    std::vector<double> medians(values.size(), std::numeric_limits<double>::quiet_NaN());
    const auto half = static_cast<std::size_t>(std::max(window, 1) / 2);
    std::vector<double> nearby;
    for (std::size_t k = 0; k < values.size(); ++k) {
        nearby.clear();
        for (std::size_t j = k - std::min(k, half); j < std::min(values.size(), k + half + 1); ++j) {
            if (std::isfinite(values[j])) nearby.push_back(values[j]);
        }
        if (nearby.empty()) continue;
        const auto middle = nearby.begin() + static_cast<std::ptrdiff_t>(nearby.size() / 2);
        std::nth_element(nearby.begin(), middle, nearby.end());
        medians[k] = *middle;
        if (nearby.size() % 2 == 0) medians[k] = (*middle + *std::max_element(nearby.begin(), middle)) / 2;
    }
    return medians;
}

std::vector<double> axis_ticks(double low, double high, int count) {
    std::vector<double> ticks;
    if (!(high > low) || !std::isfinite(high - low)) return ticks;
    const double rough = (high - low) / std::max(count, 1);
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    const double share = rough / power;
    const double step = power * (share <= 1.0 ? 1 : share <= 2.0 ? 2 : share <= 5.0 ? 5 : 10);
    const double first = std::ceil(low / step - 1e-9);
    for (int k = 0; k < 1000 && (first + k) * step <= high + step * 1e-9; ++k) ticks.push_back((first + k) * step);
    return ticks;
}

std::vector<std::string> tick_labels(const std::vector<double>& ticks) {
    double largest = 0;
    for (const double tick : ticks) largest = std::max(largest, std::abs(tick));
    const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : largest;
    const bool powers = largest >= 1e7 || step < 1e-6;
    // The ticks are multiples of a step with one leading digit; a single tick is a multiple of its own.
    const int decimals = step > 0 ? static_cast<int>(std::max(0.0, -std::floor(std::log10(step) + 1e-9))) : 0;
    std::vector<std::string> labels;
    for (const double tick : ticks) {
        const bool zero = std::abs(tick) < step * 1e-6;
        std::string digits = zero     ? "0"
                             : powers ? fmt::format("{:.4g}", std::abs(tick))
                                      : fmt::format("{:.{}f}", std::abs(tick), decimals);
        const std::size_t whole = std::min(digits.find('.'), digits.size());
        for (std::size_t at = whole; !powers && at > 3; at -= 3) digits.insert(at - 3, ",");
        labels.push_back((tick < 0 && !zero ? "\u2212" : "") + digits);
    }
    return labels;
}

std::vector<Point> thin_out(std::span<const Point> line) {
    std::vector<Point> thin;
    for (std::size_t begin = 0, end = 0; begin < line.size(); begin = end) {
        std::size_t lowest = begin, highest = begin;
        for (end = begin; end < line.size() && std::floor(line[end].x) == std::floor(line[begin].x); ++end) {
            if (line[end].y < line[lowest].y) lowest = end;
            if (line[end].y > line[highest].y) highest = end;
        }
        std::array<std::size_t, 4> kept{begin, lowest, highest, end - 1};
        std::sort(kept.begin(), kept.end());
        const auto last = std::unique(kept.begin(), kept.end());
        for (auto index = kept.begin(); index != last; ++index) thin.push_back(line[*index]);
    }
    return thin;
}

}  // namespace musegan
