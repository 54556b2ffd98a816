// On which side of its kink every LeakyReLU of a computation is.
#pragma once

#include <functional>
#include <vector>

#include "musegan/networks/critic.hpp"

namespace musegan {

/// Whether each number that a LeakyReLU (or ReLU) makes is above 0, while `run` records its tape. Two runs with equal
/// signs have equal masks.
std::vector<bool> unit_signs(const std::function<void()>& run);
/// The same of D(phrases).
std::vector<bool> unit_signs(const Critic& critic, const Tensor& phrases);

}  // namespace musegan
