// What the dry device decides: as another device would, while somebody rehearses for that one.
#pragma once

#include "tensor/device.hpp"

namespace tensor {

/// The device that the dry one stands in for; the CPU unless a RehearsalScope is alive.
Device rehearsed_device();

/// Lets the dry device answer for `device` for its own lifetime, for all threads: what it fuses, and whether it prefers
/// few launches.
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
