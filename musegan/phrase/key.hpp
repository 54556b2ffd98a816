// The key of a song, estimated from how long each pitch class sounds.
#pragma once

#include <string>

#include "musegan/phrase/chroma.hpp"

namespace musegan {

struct Key {
    int tonic = 0;  ///< pitch class, 0 = C
    bool minor = false;
    bool operator==(const Key&) const = default;
};

/// The key whose Krumhansl-Kessler profile correlates best (Pearson) with the chroma; on a tie the lower tonic, major
/// first. C major where all classes sound equally long. (Krumhansl: Cognitive Foundations of Musical Pitch, 1990:
/// profiles of table 2.1, the key-finding algorithm of chapter 4.)
Key estimate_key(const Chroma& chroma);

/// Semitones, -5 to 6, that bring a major key to C and a minor key to A minor: the keys without accidentals.
int shift_to_c(const Key& key);

/// "C major", "F# minor".
std::string name_of(const Key& key);

}  // namespace musegan
