// On which side of its kink every number of a critic's forward pass is.
#pragma once

#include <functional>
#include <vector>

#include "musegan/networks/critic.hpp"

namespace musegan {

/// Whether each number that an operator of the forward pass makes (phase forward_interpolated, as critic_slopes sets
/// it) is above 0, while `run` runs it. Two runs with equal signs have equal masks.
std::vector<bool> unit_signs(const std::function<void()>& run);
/// The same of D(phrases).
std::vector<bool> unit_signs(const Critic& critic, const Tensor& phrases);

}  // namespace musegan
