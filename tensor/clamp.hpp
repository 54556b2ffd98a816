// Parameters kept within bounds, as a critic without a gradient penalty needs it (Arjovsky, Chintala, Bottou 2017,
// algorithm 1).
#pragma once

#include <span>

#include "tensor/tensor.hpp"

namespace tensor {

/// Every element of every tensor to the nearest number in [-bound, bound], in its own storage; what is not a number
/// stays so. Throws Error unless bound > 0, and for tensors of different devices or number types.
void clamp(std::span<Tensor> tensors, double bound);

}  // namespace tensor
