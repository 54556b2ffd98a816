// The CUDA toolkit's own trace (CUPTI) of what runs on the device, also inside graphs, where no event can stand.
#pragma once

#include <vector>

#include "bench/timeline.hpp"

namespace bench {

/// Traces the whole process from here on. One at a time; made before the device's first use, so that graphs are built under
/// it. Throws Error where the library cannot trace this device.
class ActivityTrace {
  public:
    ActivityTrace();
    ~ActivityTrace();
    ActivityTrace(const ActivityTrace&) = delete;
    ActivityTrace& operator=(const ActivityTrace&) = delete;

    /// Everything that has ended since the last call. The device must be idle. Throws Error if records were lost.
    std::vector<Activity> take();
};

}  // namespace bench
