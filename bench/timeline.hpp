// The time between the first start and the last end on a device in an update: how much of it was work, how much was
// gaps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// A kernel, a copy or a fill on the device's own clock.
struct Activity {
    std::string name;
    std::uint64_t start_ns = 0, end_ns = 0;
};

struct Timeline {
    double span_ms = 0;  ///< from the first start to the last end
    double busy_ms = 0;  ///< the part of it in which at least one activity ran
    std::size_t activities = 0;

    double gap_share() const { return span_ms > 0 ? 1.0 - busy_ms / span_ms : 0; }
};
/// Activities in any order; those that overlap count once.
Timeline timeline_of(std::vector<Activity> activities);

/// Activities of one name.
struct ActivityGroup {
    std::string name;
    std::size_t calls = 0;
    double milliseconds = 0;
};
/// The groups in order of descending time.
std::vector<ActivityGroup> group_activities(const std::vector<Activity>& activities);

}  // namespace bench
