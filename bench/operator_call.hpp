// Operators to be timed by themselves: those that training runs, and those that only its options run.
#pragma once

#include <functional>
#include <vector>

#include "tensor/device.hpp"
#include "tests/support/update_cases.hpp"

namespace bench {

/// The call on random operands of its own, which lie on `device`, ready to be made any number of times. What a call
/// says beyond shapes (slopes, factors, which way a tensor is permuted) is chosen so that it fits. Throws Error for an
/// operator that is not known here, and for a convolution without its geometry.
std::function<void()> prepare_call(const support::OperatorCall& call, tensor::Device device);

/// The calls of an update (support::update_cases), and each operator of tensor/ that these settings do not run: pairs
/// of convolutions as one, and what only options or other networks ask for, on what the critic's second layer makes.
std::vector<support::UpdateCase> operator_cases(const musegan::TrainingSettings& settings);

}  // namespace bench
