#include "musegan/evaluation/evaluation.hpp"

#include <algorithm>
#include <cmath>

namespace musegan {

double EvaluatedSet::error(const Mean& mean) const {
    if (!is_sample()) return 0;
    if (available == 0) return mean.error();
    return mean.error() * std::sqrt(1 - static_cast<double>(metrics.phrases) / static_cast<double>(available));
}

bool Evaluation::has_given() const {
    return std::ranges::any_of(sets, [](const EvaluatedSet& set) { return set.given.has_value(); });
}

}  // namespace musegan
