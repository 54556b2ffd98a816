#include "tensor/precision.hpp"

#include <atomic>

#include "tensor/backend.hpp"
#include "tensor/error.hpp"

namespace tensor {

namespace {

std::atomic<Precision> current{Precision::f32};

}  // namespace

void require_precision(Precision precision, Device device) {
    if (precision == Precision::f32 || device.kind == DeviceKind::dry || backend(device).has_tensor_cores()) return;
    fail("precision", "{} on {} ({}), which cannot (tf32 needs --device cuda with compute capability 8.0 or later)",
         name_of(precision), device.to_string(), backend(device).description());
}

Precision precision() { return current.load(std::memory_order_relaxed); }

PrecisionScope::PrecisionScope(Precision precision) : previous_(current.exchange(precision)) {}
PrecisionScope::~PrecisionScope() { current.store(previous_); }

}  // namespace tensor
