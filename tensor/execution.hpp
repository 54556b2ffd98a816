// How operators run: one value per thread, set for a while by whoever runs something.
#pragma once

#include "tensor/device.hpp"
#include "tensor/enum_names.hpp"
#include "tensor/precision.hpp"

namespace tensor {

/// Whether pairs of convolutions run as one operator, and masks are kept as bits (fusion.hpp). automatic: where
/// something is gained by it. off: never, to study the plain path. always: on every device and at every size, so that
/// tests need no large tensors.
enum class Fusion { automatic, off, always };
constexpr auto enum_names(Fusion) { return std::array{"automatic", "off", "always"}; }

struct Execution {
    /// What products may do to their operands.
    Precision precision = Precision::f32;
    /// The same numbers with less memory and traffic.
    Fusion fusion = Fusion::automatic;
    /// Whether a Repetition (repetition.hpp) may start many launches as one; if not, each is started where it is
    /// issued.
    bool gathers_launches = true;
    /// Whether Backend::side_by_side may run its two pieces at the same time, which takes more memory.
    bool side_by_side = true;
    /// The device for which the dry one stands in. Some answers depend on the device, such as what it fuses, and the
    /// dry device gives those of this one. It is never the dry device.
    Device rehearsed = Device::cpu();

    bool operator==(const Execution&) const = default;
};

/// The value of this thread: that of its innermost ExecutionScope, without one Execution{}. Operators read it on the
/// thread that calls them. The threads of their parallel loops have values of their own, which nobody sets, so nothing
/// inside such a loop may ask for it; nothing does.
const Execution& execution();

/// Sets the value of this thread for its own lifetime, then gives back the one before it. To change one member and keep
/// the others, change a copy of execution().
class ExecutionScope {
  public:
    /// Throws Error if the dry device is to stand in for itself.
    explicit ExecutionScope(const Execution& execution);
    ~ExecutionScope();
    ExecutionScope(const ExecutionScope&) = delete;
    ExecutionScope& operator=(const ExecutionScope&) = delete;

  private:
    Execution previous_;
};

}  // namespace tensor
