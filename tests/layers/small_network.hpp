// Rows and volumes of the small networks in these tests.
#pragma once

#include <string>
#include <vector>

#include "layers/network.hpp"

namespace support {

/// A convolution of stride 1.
inline layers::LayerRow row(const std::string& name, std::int64_t channels, const layers::Extents& kernel = {}) {
    return {.name = name, .channels = channels, .kernel = kernel, .activation = layers::Activation::leaky_relu};
}

inline constexpr layers::Volume two_tracks{{4, 3, 2}, 1};
inline const std::vector<std::string> bass_and_drums{"bass", "drums"};

}  // namespace support
