// The random numbers of a model and its training: one seed, and one stream for each use, so that drawing more for one
// use changes no other.
#pragma once

#include <cstdint>

#include "tensor/philox.hpp"

namespace musegan {

enum class Stream : std::uint64_t {
    weights = 1,
    latents = 2,
    interpolation = 3,
    batches = 4,
    samples = 5,
    generation = 6,
    binarisation = 7,
    given = 8,
    neurons = 9
};

/// The stream of one use. `part`, below 2^32, numbers streams of the same use: one per epoch, or one per phrase.
inline tensor::RandomStream stream_for(std::uint64_t seed, Stream use, std::uint64_t part = 0) {
    return {seed, static_cast<std::uint64_t>(use) | part << 8, 0};
}

}  // namespace musegan
