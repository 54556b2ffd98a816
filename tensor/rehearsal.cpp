#include "tensor/rehearsal.hpp"

#include <atomic>

namespace tensor {

namespace {

std::atomic<Device> current{Device::cpu()};

}  // namespace

Device rehearsed_device() { return current.load(std::memory_order_relaxed); }

// Rehearsing for the dry device itself changes nothing: it goes on answering for the device it answered for before.
RehearsalScope::RehearsalScope(Device device)
    : previous_(current.exchange(device.kind == DeviceKind::dry ? rehearsed_device() : device)) {}
RehearsalScope::~RehearsalScope() { current.store(previous_); }

}  // namespace tensor
