// Phrases in other keys.
#pragma once

#include "musegan/phrase/packing.hpp"

namespace musegan {

/// The phrases with all tracks but the drums `semitones` higher, each as often as none of its notes leaves the shape's
/// pitches: with one that does, a phrase is left out. Not of a shape without drums in their place (tracks.hpp).
PackedPhrases transposed(const PhraseView& phrases, int semitones);

/// The same with all phrases: notes that leave the shape's pitches are left out.
PackedPhrases moved(const PhraseView& phrases, int semitones);

}  // namespace musegan
