// The tables of an explanation on a terminal.
#pragma once

#include <string>

#include "musegan/study/explanation.hpp"

namespace musegan {

/// What each term of the loss does to each parameter: norms and shares.
std::string parameters_text(const Explanation& explanation);
/// What each way costs and when to prefer it, and the directions with each way's value.
std::string ways_text(const ExplainedWays& ways);

}  // namespace musegan
