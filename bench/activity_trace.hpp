// The CUDA toolkit's own trace (CUPTI) of what runs on the device. It also sees inside graphs, where no event can be
// recorded.
#pragma once

#include <vector>

#include "bench/timeline.hpp"

namespace bench {

/// Traces the whole process while it lives. There may be one at a time. Make it before the first use of the device, so
/// that graphs are built under it. Throws Error where the library cannot trace this device.
class ActivityTrace {
  public:
    ActivityTrace();
    ~ActivityTrace();
    ActivityTrace(const ActivityTrace&) = delete;
    ActivityTrace& operator=(const ActivityTrace&) = delete;

    /// All activities that have ended since the last call. The device must be idle. Throws Error if records were lost.
    std::vector<Activity> take();
};

}  // namespace bench
