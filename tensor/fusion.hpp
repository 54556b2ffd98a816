// What a network does to spare memory and traffic, where it computes the same numbers another way: pairs of convolutions as
// one operator (conv3d_pair.hpp), masks as bits (packed_bits.hpp). One value for the process, set for a while by whoever
// runs something.
#pragma once

#include <cstdint>

#include "tensor/backend.hpp"

namespace tensor {

/// automatic: where something is gained by it. off: never, to study the plain path. always: on every device and at every
/// size, to test it where nothing is gained.
enum class Fusion { automatic, off, always };

/// The current value; automatic unless a FusionScope is alive.
Fusion fusion();

/// Whether `pair` is to run as one operator on phrases x [N, T, P, M, C].
bool fuses(const Conv3dPair& pair, const Tensor& x);

/// No value, or memory for the positive_bits of a result of LeakyReLU of this shape, whose mask is then kept as bits:
/// automatically from 16 MiB on, since what stays in a cache costs little to read again.
Tensor bits_for_mask(const Shape& shape, DType dtype, Device device);

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
