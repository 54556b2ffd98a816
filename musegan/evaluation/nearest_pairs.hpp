// New phrases beside the phrases of the data that they are nearest to, to look at.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "musegan/evaluation/copying.hpp"

namespace musegan {

/// Phrases in turn: one of a set, and the nearest of the data, moved to its key.
struct NearestPairs {
    PackedPhrases phrases{};
    std::vector<std::string> captions{};  ///< of each of them
};

/// The `most` phrases of a set that are nearest to the data (Copying::nearest_first), nearest first. `names` are those
/// of the set and of the data, for captions. `set` and `data` are those that `copying` was found of.
NearestPairs nearest_pairs(const Copying& copying, const PhraseSequence& set, const PhraseSequence& data,
                           std::size_t most, const std::string& set_name, const std::string& data_name);

}  // namespace musegan
