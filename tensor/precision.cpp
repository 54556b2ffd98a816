#include "tensor/precision.hpp"

#include "tensor/backend.hpp"
#include "tensor/error.hpp"

namespace tensor {

namespace {

/// What a device that computes in a precision is like, in the order of the enum.
constexpr std::array needs{
    "any device",
    "--device cuda with compute capability 8.0 or later",
    "--device cpu on a processor with AVX512_BF16, in a build for it (MUSEGAN_NATIVE)",
};
static_assert(needs.size() == every_precision.size());

}  // namespace

void require_precision(Precision precision, Device device) {
    if (device.kind == DeviceKind::dry) return;
    const DeviceFacts facts = backend(device).facts();
    if (facts.computes(precision)) return;
    fail("precision", "{} on {} ({}), which computes in {} ({} needs {})", name_of(precision), device.to_string(),
         facts.description, facts.list_precisions(), name_of(precision), needs[static_cast<std::size_t>(precision)]);
}

}  // namespace tensor
