// The device for which the dry one stands in. Some answers depend on the device: what it fuses, whether few launches
// are better than many. The dry device answers as the device would for which an update is rehearsed.
#pragma once

#include "tensor/device.hpp"

namespace tensor {

/// The device that the dry one stands in for; the CPU unless a RehearsalScope is alive.
Device rehearsed_device();

/// Lets the dry device answer for `device` for the scope's own lifetime, for all threads.
class RehearsalScope {
  public:
    explicit RehearsalScope(Device device);
    ~RehearsalScope();
    RehearsalScope(const RehearsalScope&) = delete;
    RehearsalScope& operator=(const RehearsalScope&) = delete;

  private:
    Device previous_;
};

}  // namespace tensor
