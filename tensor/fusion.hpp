// Two ways to compute the same numbers with less memory and traffic: pairs of convolutions as one operator
// (conv3d_pair.hpp), masks as bits (packed_bits.hpp). One value for the process, set for a while by whoever runs
// something.
#pragma once

#include <cstdint>

#include "tensor/backend.hpp"

namespace tensor {

/// automatic: where something is gained by it. off: never, to study the plain path. always: on every device and at
/// every size, so that tests need no large tensors.
enum class Fusion { automatic, off, always };

/// The current value; automatic unless a FusionScope is alive.
Fusion fusion();

/// Whether `pair` is to run as one operator on phrases x [N, T, P, M, C].
bool fuses(const Conv3dPair& pair, const Tensor& x);

/// A smaller result stays in a cache, where it costs little to store and to read again.
constexpr std::int64_t worthwhile_bytes = std::int64_t{16} << 20;

/// Whether the mask of a LeakyReLU with a result like this is kept as its positive_bits: if automatic, from
/// worthwhile_bytes on.
bool keeps_mask_as_bits(const Shape& result, DType dtype);

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
