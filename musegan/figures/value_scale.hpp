// The range of a function's values, where each lies in it, and how its ends are written.
#pragma once

#include <limits>
#include <span>
#include <string>

namespace musegan {

/// Of the values that are finite; without any, low > high.
struct ValueScale {
    double low = std::numeric_limits<double>::infinity(), high = -low;

    explicit ValueScale(std::span<const double> values);

    bool is_empty() const { return !(low <= high); }
    /// A range that is no more than the rounding of 32-bit numbers: a millionth of the largest magnitude.
    bool is_flat() const;
    /// From 0 at the lowest value to 1 at the highest, 1/2 on a flat scale; NaN for a value that is not finite.
    double share(double value) const;
    /// With two or three digits of the range, so that its ends differ: "-0.60" (with a minus sign as long as a plus),
    /// "1939", "4.0e-05".
    std::string text(double value) const;
};

}  // namespace musegan
