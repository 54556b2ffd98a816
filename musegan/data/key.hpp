// The key of a song, estimated from how long each pitch class sounds.
#pragma once

#include <array>
#include <string>

#include "io/midi.hpp"

namespace musegan {

struct Key {
    int tonic = 0;  ///< pitch class, 0 = C
    bool minor = false;
    bool operator==(const Key&) const = default;
};

/// Ticks that each pitch class (pitch mod 12) sounds, over all notes but the drums and those without a
/// family.
std::array<double, 12> pitch_class_histogram(const io::MidiFile& midi);

/// The key whose Krumhansl-Kessler profile correlates best (Pearson) with the histogram; on a tie the lower
/// tonic, major first. C major for an empty or constant histogram. (Krumhansl: Cognitive Foundations of
/// Musical Pitch, 1990, chapter 2: profiles of table 2.1, the key-finding algorithm of chapter 4.)
Key estimate_key(const std::array<double, 12>& histogram);

/// Semitones, -5 to 6, that bring a major key to C and a minor key to A minor: the keys without accidentals.
int shift_to_c(const Key& key);

/// "C major", "F# minor".
std::string name_of(const Key& key);

}  // namespace musegan
