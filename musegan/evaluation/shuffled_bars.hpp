// Music whose tracks do not fit each other: what tonal distances are without any harmony between them.
#pragma once

#include <cstdint>

#include "musegan/phrase/phrase_sequence.hpp"

namespace musegan {

/// The phrases with the bars of each track shuffled over all of them, each track by an order of its own (a function of
/// the seed): AAAI 2018, table 3, "shuffled". What a track does within a bar stays as it is, what tracks do together is
/// chance. A phrase is made of bars of up to twenty others, each of which is read for it: put phrases on another grid
/// after they are shuffled, which gives the same.
PhraseSequence shuffled_bars(const PhraseSequence& phrases, std::uint64_t seed);

}  // namespace musegan
