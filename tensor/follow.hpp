// Averages of parameters that follow the parameters themselves. (follow_statistics, in normalize.hpp, is another: it
// brings what a batch norm found of a batch into its running statistics.)
#pragma once

#include <span>

#include "tensor/backend.hpp"

namespace tensor {

/// average += share (value - average) for every slot, in the storage of the average: 0 leaves it, 1 brings it to the
/// value but for rounding. Throws Error for slots whose tensors differ in shape, device or number type, and for a share
/// outside [0, 1]. `held`, if not null, is where the device finds the share when it follows (repetition.hpp).
void follow(std::span<FollowSlot> slots, double share, const double* held = nullptr);

}  // namespace tensor
