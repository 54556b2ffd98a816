// The numbers behind a chart: ranges, ticks, medians.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "musegan/figures/picture.hpp"

namespace musegan {

/// Values from low to high; without any, low > high.
struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    void include(double value);
    bool is_empty() const { return !(low <= high); }
    /// Adds `share` of the length on both sides, or, where the length is 0, a tenth of the value (1e-3 at least).
    void widen(double share);
};

/// The range of `values`, or, where it is more than three times as long as that of the values without the least and the
/// greatest, a share `outer` of all each (of 0.01: the middle 98 %), the latter. All values are finite.
Range range_of(std::vector<double> values, bool clip_outliers, double outer = 0.01);

/// Median of the `window` values around each one, fewer at the ends; values that are not finite are left out.
std::vector<double> running_median(const std::vector<double>& values, int window);

/// Round numbers (1, 2 or 5 times a power of ten apart) that span [low, high], about `count` of them.
std::vector<double> axis_ticks(double low, double high, int count);

/// Texts of ticks from axis_ticks: all with as many decimals as their distance needs, a comma between thousands, a
/// minus sign that is as long as a plus. From ten million on, and below a millionth, powers of ten: "2e+07".
std::vector<std::string> tick_labels(const std::vector<double>& ticks);

/// A line of at most four points for each column of pixels that looks like `line` (x ascending): the first, the lowest,
/// the highest and the last in each.
std::vector<Point> thin_out(std::span<const Point> line);

}  // namespace musegan
