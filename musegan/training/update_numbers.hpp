// What an update takes from the host: the numbers that are others the next time.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tensor/philox.hpp"

namespace musegan {

/// For a device that starts the same launches again (tensor/repetition.hpp) they are a list of words in its memory;
/// operators are handed either the numbers or where they are.
struct UpdateNumbers {
    tensor::RandomStream latents, interpolation, neurons;
    std::vector<std::int64_t> rows;     ///< of the data, a batch
    std::array<double, 2> corrections;  ///< layers::Adam::corrections
    double share = 0;                   ///< of the step from the average to the weights
    /// Where the device finds the last three; null where they are to be taken from here.
    const std::int64_t* held_rows = nullptr;
    const double *held_corrections = nullptr, *held_share = nullptr;

    /// All of them in a fixed order: three positions, the corrections, the share, the rows.
    std::vector<std::uint64_t> words() const;
    /// The same numbers, but as a device finds them at the address of words().
    UpdateNumbers held_at(const std::uint64_t* words) const;
};

}  // namespace musegan
