// Measures what an update costs in a queue and alone.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "musegan/study/busy_device.hpp"
#include "musegan/study/update_times.hpp"
#include "tensor/backend.hpp"

namespace musegan {

/// Measures updates of one device, all of which issue their work and wait for none of it.
class UpdateClock {
  public:
    /// `queue` is how many updates stand between two waits of `queued`. Throws Error if it is below 1.
    UpdateClock(tensor::Device device, int queue);

    /// One measurement of each kind: the update runs 2 + queue times, or once where nothing queues.
    void measure(const std::function<void()>& update, UpdateTimes& times);

    /// The single kinds. Each begins and ends with an idle device.
    void measure_alone(const std::function<void()>& update, UpdateTimes& times);   ///< latency and host
    void measure_device(const std::function<void()>& update, UpdateTimes& times);  ///< after measure_alone
    void measure_queued(const std::function<void()>& update, UpdateTimes& times);

    /// Issues work of about so many milliseconds, behind which what comes next waits; nothing where nothing queues.
    void keep_busy(double milliseconds);
    /// Whether the device works while the host goes on.
    bool queues() const { return queues_; }

  private:
    const tensor::Backend& backend_;
    bool queues_;
    int queue_;
    double last_host_ = 0;
    std::optional<BusyDevice> busy_;
    std::unique_ptr<tensor::Mark> start_, stop_;
};

/// When enough has been measured: after at least `count` times, and not before `seconds` have passed.
struct Enough {
    int count = 1;
    double seconds = 0;
};
/// Repeats something until it is enough; returns how often it ran.
int repeat_until(const Enough& enough, const std::function<void()>& once);

}  // namespace musegan
