// Whether pairs of convolutions run as one operator (conv3d_pair.hpp): one value for the process, set for a
// while by whoever runs something.
#pragma once

#include <cstdint>

#include "tensor/backend.hpp"

namespace tensor {

/// automatic: where the device says that it gains by it. off: never, to study the plain path. always: on
/// every device, to test the operator where its values in between are computed in memory.
enum class Fusion { automatic, off, always };

/// The current value; automatic unless a FusionScope is alive.
Fusion fusion();

/// Whether `pair` is to run as one operator on this many phrases.
bool fuses(const Conv3dPair& pair, std::int64_t phrases, DType dtype, Device device);
/// The same for phrases x [N, T, P, M, C].
bool fuses(const Conv3dPair& pair, const Tensor& x);

/// Sets the value for its own lifetime, for all threads.
class FusionScope {
  public:
    explicit FusionScope(Fusion fusion);
    ~FusionScope();
    FusionScope(const FusionScope&) = delete;
    FusionScope& operator=(const FusionScope&) = delete;

  private:
    Fusion previous_;
};

}  // namespace tensor
