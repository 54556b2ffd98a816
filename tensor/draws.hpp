// Random numbers of a distribution from the words of a Philox block: one definition for every device.
#pragma once

#include <cmath>
#include <cstdint>

#include "tensor/philox.hpp"

namespace tensor {

/// Four draws, one for each word of a block.
struct FourDraws {
    double values[4];
};

/// Uniform in [0, 1), 24 bits each.
TENSOR_HOST_DEVICE inline FourDraws uniform_draws(const PhiloxBlock& words) {
    return {{philox_uniform(words[0]), philox_uniform(words[1]), philox_uniform(words[2]), philox_uniform(words[3])}};
}

/// Standard normal: words 0 and 1 make the first two, 2 and 3 the others.
TENSOR_HOST_DEVICE inline FourDraws normal_draws(const PhiloxBlock& words) {
    const NormalPair low = philox_normals(words[0], words[1]), high = philox_normals(words[2], words[3]);
    return {{low.first, low.second, high.first, high.second}};
}

/// A standard normal number within two deviations: the first that fits among the numbers of block `counter`, then of
/// the same block in sub-streams of its own. One draw in 22 falls outside, four in a row with probability 4e-6.
TENSOR_HOST_DEVICE inline double truncated_normal_draw(const RandomStream& stream, std::uint64_t counter) {
    constexpr double truncation = 2.0;
    for (std::uint64_t attempt = 0;; ++attempt) {
        const PhiloxBlock words = philox(stream.seed, counter, stream.stream + (attempt << 48));
        for (std::size_t pair = 0; pair < 4; pair += 2) {
            const NormalPair normals = philox_normals(words[pair], words[pair + 1]);
            if (std::abs(normals.first) <= truncation) return normals.first;
            if (std::abs(normals.second) <= truncation) return normals.second;
        }
    }
}

}  // namespace tensor
