// A model in words.
#pragma once

#include <string>

#include "musegan/networks/model_config.hpp"

namespace musegan {

/// Some lines: the random vectors, the given track, generators and critics with their parameters, and the arithmetic of
/// a forward pass per phrase. Throws Error for a config that does not validate.
std::string describe(const ModelConfig& config);

}  // namespace musegan
