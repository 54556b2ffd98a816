// Adam on all parameters at once (Kingma and Ba 2015, algorithm 1).
#pragma once

#include <span>

#include "tensor/backend.hpp"

namespace tensor {

struct AdamOptions {
    double rate = 2e-4, beta1 = 0.5, beta2 = 0.9, epsilon = 1e-8;
};

/// Step number `step` (counted from 1) on every slot, in place: one pass over each weight, gradient and moment. Throws
/// Error for slots whose four tensors differ in shape, device or number type.
void adam(std::span<AdamSlot> slots, const AdamOptions& options, std::int64_t step);

}  // namespace tensor
