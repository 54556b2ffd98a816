// How much phrases differ from each other: a model that writes one phrase again and again shows here.
#pragma once

#include <cstdint>

#include "musegan/evaluation/mean.hpp"
#include "musegan/phrase/phrase_sequence.hpp"

namespace musegan {

/// Cells, of all tracks, that are on in one of two phrases and off in the other: the mean over all pairs of at most
/// `most` of the phrases (spread). No value for fewer than two phrases. The same bits for any number of
/// threads.
Mean pairwise_distance(const PhraseSequence& phrases, std::int64_t most = 150);

}  // namespace musegan
