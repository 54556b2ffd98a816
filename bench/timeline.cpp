#include "bench/timeline.hpp"

#include <algorithm>
#include <map>

namespace bench {

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

std::vector<ActivityGroup> group_activities(const std::vector<Activity>& activities) {
    std::map<std::string, ActivityGroup> groups;
    for (const Activity& each : activities) {
        ActivityGroup& group = groups[each.name];
        group.name = each.name;
        ++group.calls;
        group.milliseconds += static_cast<double>(each.end_ns - each.start_ns) * 1e-6;
    }
    std::vector<ActivityGroup> sorted;
    for (auto& [name, group] : groups) sorted.push_back(std::move(group));
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const ActivityGroup& a, const ActivityGroup& b) { return a.milliseconds > b.milliseconds; });
    return sorted;
}

}  // namespace bench
