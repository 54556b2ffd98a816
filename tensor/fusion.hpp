// Two ways to compute the same numbers with less memory and traffic, and where they are taken: pairs of convolutions as
// one operator (conv3d_pair.hpp), masks as bits (packed_bits.hpp). Execution::fusion (execution.hpp) may say off or
// always. The reference device does neither, whatever that says: it is there to be plain.
#pragma once

#include <cstdint>

#include "tensor/conv3d_pair_types.hpp"

namespace tensor {

/// Whether a value of this convolution is a sum of so few products that computing it again costs less than storing it:
/// what the first of a pair has to be.
inline bool is_thin(const Conv3dGeometry& geometry) {
    return geometry.kernel.product() * geometry.in_channels < thin_terms;
}

/// Whether `pair` is to run as one operator on phrases x [N, T, P, M, C]; if automatic, the device decides.
bool fuses(const Conv3dPair& pair, const Tensor& x);

/// A smaller result stays in a cache, where it costs little to store and to read again.
constexpr std::int64_t worthwhile_bytes = std::int64_t{16} << 20;

/// Whether the mask of a LeakyReLU with a result like this is kept as its positive_bits: if automatic, from
/// worthwhile_bytes on.
bool keeps_mask_as_bits(const Shape& result, DType dtype);

}  // namespace tensor
