#include "musegan/figures/value_scale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace musegan {

namespace {

/// Halves, because the whole may be more than the largest number.
double half_range(const ValueScale& scale) { return scale.high / 2 - scale.low / 2; }

double magnitude(const ValueScale& scale) { return std::max(std::abs(scale.low), std::abs(scale.high)); }

/// Of ten, of a number's first digit.
int power(double number) { return static_cast<int>(std::floor(std::log10(number))); }

}  // namespace

ValueScale::ValueScale(std::span<const double> values) {
    for (const double value : values) {
        if (!std::isfinite(value)) continue;
        low = std::min(low, value);
        high = std::max(high, value);
    }
}

bool ValueScale::is_flat() const { return half_range(*this) <= 0.5e-6 * magnitude(*this); }

double ValueScale::share(double value) const {
    if (!std::isfinite(value)) return std::numeric_limits<double>::quiet_NaN();
    return is_flat() ? 0.5 : (value / 2 - low / 2) / half_range(*this);
}

std::string ValueScale::text(double value) const {
    const double size = magnitude(*this);
    if (size == 0) return "0";
    const int finest = is_flat() ? power(size) - 2 : power(half_range(*this)) - 1;
    std::string text = size >= 1e-3 && size < 1e6 ? fmt::format("{:.{}f}", value, std::clamp(-finest, 0, 9))
                                                  : fmt::format("{:.{}e}", value, power(size) - finest);
    if (text.find_first_of("123456789") >= text.find('e')) return "0";
    return text.starts_with('-') ? "\u2212" + text.substr(1) : text;
}

}  // namespace musegan
