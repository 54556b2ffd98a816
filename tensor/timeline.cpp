#include "tensor/timeline.hpp"

#include <algorithm>

namespace tensor {

Timeline timeline_of(std::vector<Activity> activities) {
    if (activities.empty()) return {};
    std::sort(activities.begin(), activities.end(),
              [](const Activity& a, const Activity& b) { return a.start_ns < b.start_ns; });
    const std::uint64_t first = activities.front().start_ns;
    std::uint64_t busy = 0, reached = first;
    for (const Activity& each : activities) {
        if (each.end_ns <= reached) continue;
        busy += each.end_ns - std::max(each.start_ns, reached);
        reached = each.end_ns;
    }
    return {static_cast<double>(reached - first) * 1e-6, static_cast<double>(busy) * 1e-6, activities.size()};
}

}  // namespace tensor
