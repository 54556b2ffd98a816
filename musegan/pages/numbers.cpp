#include "musegan/pages/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tensor/units.hpp"

namespace musegan {

std::string page_number(double value) {
    if (!std::isfinite(value)) return "";
    if (value == 0) return "0";
    const int size = static_cast<int>(std::floor(std::log10(std::abs(value))));
    if (size < -4 || size >= 12) return fmt::format("{:.2e}", value);
    if (size >= 3) return tensor::count_text(std::llround(value));
    return fmt::format("{:.{}f}", value, std::max(0, 2 - size));
}

std::string page_share(double share) {
    if (!std::isfinite(share)) return "";
    return fmt::format("{:.{}f} %", 100 * share, std::abs(share) < 0.1 ? 1 : 0);
}

std::string page_difference(double difference) {
    if (!std::isfinite(difference)) return "";
    return difference == 0 ? "0" : fmt::format("{:.1e}", difference);
}

}  // namespace musegan
