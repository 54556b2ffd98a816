#include "musegan/study/explanation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace musegan {

std::vector<double> ExplainedDirection::differences() const {
    std::vector<double> found;
    for (const double value : values) {
        const double apart = std::abs(value - values.front()), scale = std::max(std::abs(values.front()), length);
        found.push_back(scale > 0 ? apart / scale : apart == 0 ? 0.0 : std::numeric_limits<double>::quiet_NaN());
    }
    return found;
}

double Explanation::phrase_penalty(std::size_t n) const {
    const double excess = is_one_sided ? std::max(0.0, slope[n] - 1) : slope[n] - 1;
    return penalty_weight * excess * excess;
}

}  // namespace musegan
