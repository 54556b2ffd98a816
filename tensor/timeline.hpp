// The time between the first start and the last end on a device: how much of it was work, how much was gaps.
#pragma once

#include <cstddef>
#include <vector>

#include "tensor/activity_trace.hpp"

namespace tensor {

struct Timeline {
    double span_ms = 0;  ///< from the first start to the last end
    double busy_ms = 0;  ///< the part of it in which at least one activity ran
    std::size_t activities = 0;

    double gap_share() const { return span_ms > 0 ? 1.0 - busy_ms / span_ms : 0; }
};
/// Activities in any order; those that overlap count once.
Timeline timeline_of(std::vector<Activity> activities);

}  // namespace tensor
