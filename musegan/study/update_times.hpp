// Milliseconds of updates: in a queue, and what of one is the host's and what the device's.
#pragma once

#include <vector>

namespace musegan {

/// One update by itself, in milliseconds: a value per measurement in each list. On a CPU, where nothing queues, all
/// three are one measurement.
struct AloneTimes {
    std::vector<double> latency;  ///< from an idle device to an idle device: host and device in series
    std::vector<double> host;     ///< the host's part of that: until everything of the update has been issued
    /// The device's part, from a mark before the update to one after it. What is issued waits behind other work
    /// meanwhile, so that the device never waits for the host.
    std::vector<double> device;
};

struct UpdateTimes {
    /// What a training pays for an update: several are issued one after the other between two waits, and their time is
    /// divided by their number. The host prepares one while the device works on another. On a CPU it is the latency.
    std::vector<double> queued;
    AloneTimes alone;
};

}  // namespace musegan
