#include "tensor/rehearsal.hpp"

#include <atomic>

namespace tensor {

namespace {

/// Aligned to its size, so that clang too loads and stores it in one instruction, without libatomic.
struct alignas(sizeof(Device)) AtomicDevice {
    Device device;
};

std::atomic<AtomicDevice> current{AtomicDevice{Device::cpu()}};

}  // namespace

Device rehearsed_device() { return current.load(std::memory_order_relaxed).device; }

// Rehearsing for the dry device itself changes nothing: it goes on answering for the device it answered for before.
RehearsalScope::RehearsalScope(Device device)
    : previous_(current.exchange({device.kind == DeviceKind::dry ? rehearsed_device() : device}).device) {}
RehearsalScope::~RehearsalScope() { current.store({previous_}); }

}  // namespace tensor
