#include "musegan/evaluation/data_distance.hpp"

#include <cmath>
#include <limits>
#include <string_view>

namespace musegan {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Of one group, over the columns in which `also` has a value, too.
double distance_in(std::string_view group, const EvaluatedSet& set, const EvaluatedSet& data,
                   const EvaluatedSet& also) {
    Mean difference;
    for (const Metric& metric : metric_list()) {
        if (metric.group != group || set.mean(metric).count == 0 || data.mean(metric).count == 0) continue;
        if (also.mean(metric).count == 0) continue;
        difference.add(std::abs(set.mean(metric).value() - data.mean(metric).value()));
    }
    return difference.value();
}

}  // namespace

GroupNumbers distances(const EvaluatedSet& set, const EvaluatedSet& data) {
    GroupNumbers all{};
    for (std::size_t k = 0; k < all.size(); ++k) all[k] = distance_in(distance_groups[k], set, data, data);
    return all;
}

GroupNumbers times_floor(const EvaluatedSet& set, const EvaluatedSet& data, const EvaluatedSet& held_out) {
    GroupNumbers all{};
    for (std::size_t k = 0; k < all.size(); ++k) {
        const double floor = distance_in(distance_groups[k], held_out, data, set);
        all[k] = floor > 0 ? distance_in(distance_groups[k], set, data, held_out) / floor : nan;
    }
    return all;
}

double shared_area(const EvaluatedSet& set, const EvaluatedSet& data, const HistogramKind& kind, std::size_t track) {
    if ((is_drums(static_cast<int>(track)) && !kind.of_drums) || set.given == static_cast<int>(track)) return nan;
    return 100 * overlap(set.metrics.tracks[track].*kind.histogram, data.metrics.tracks[track].*kind.histogram);
}

}  // namespace musegan
