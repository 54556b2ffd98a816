// Adam on all parameters at once (Kingma and Ba 2015, algorithm 1).
#pragma once

#include <array>
#include <span>

#include "tensor/backend.hpp"

namespace tensor {

struct AdamOptions {
    double rate = 2e-4, beta1 = 0.5, beta2 = 0.9, epsilon = 1e-8;
};

/// Step number `step` (counted from 1) on every slot, in place: one pass over each weight, gradient and moment. Throws
/// Error for slots whose four tensors differ in shape, device or number type. `held`, if not null, is where the device
/// finds adam_corrections when it takes the step (repetition.hpp).
void adam(std::span<AdamSlot> slots, const AdamOptions& options, std::int64_t step, const double* held = nullptr);
/// 1 - beta1^step and 1 - beta2^step: what the moments are divided by, since they start at zero.
std::array<double, 2> adam_corrections(const AdamOptions& options, std::int64_t step);

}  // namespace tensor
