// What a device itself has to say of what ran on it: each kernel, copy and fill with its times on the device's own
// clock. Marks (mark.hpp) lie between launches; a trace also tells apart what a library starts in one call, and sees
// inside graphs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tensor/launch_facts.hpp"

namespace tensor {

/// A kernel, a copy or a fill, run once.
struct Activity {
    std::string name;  ///< the kernel's own, or "copy to device", "fill"
    std::uint64_t start_ns = 0, end_ns = 0;
    std::uint64_t id = 0;                 ///< of the event during which it was issued; 0 for none
    std::optional<LaunchFacts> launch{};  ///< of a kernel; its occupancy is not known
};

/// A trace that runs from its making (Backend::make_activity_trace) to its end. It sees the whole process: at most one
/// lives at a time.
class ActivityTrace {
  public:
    virtual ~ActivityTrace() = default;
    /// What this thread issues from here to end() belongs to the event `id`, which is not 0. Events nest, and the
    /// innermost counts; what a graph runs belongs to the one in which the graph was started.
    virtual void begin(std::uint64_t id) = 0;
    virtual void end() = 0;
    /// What has run since the last call, in order of its start. The device must be idle (Backend::synchronize). Throws
    /// Error if some of it was lost.
    virtual std::vector<Activity> take() = 0;
};

}  // namespace tensor
