// Phrases that cost as much as music does.
#pragma once

#include <cstdint>

#include "musegan/phrase/packing.hpp"

namespace bench {

/// Random notes on the pitches of one major scale a phrase, as many and as long as those of Lakh's songs, of the finest
/// grid and reduced to that of `steps_per_beat`.
musegan::PackedPhrases random_phrases(std::uint64_t seed, std::int64_t count, int steps_per_beat);

}  // namespace bench
