// The key of a song: as its file says it, or as how long each pitch class sounds tells it.
#pragma once

#include <optional>
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

/// The key of a signature: `sharps` in -7 (flats) to 7, as MIDI files have it.
Key key_of_signature(int sharps, bool minor);

/// The share of the song, 0 to 1, that lies in the seven pitch classes of the key's signature; 0 of silence.
double share_in_scale(const Chroma& chroma, const Key& key);

struct SongKey {
    Key key;
    bool is_written;  ///< else it is estimated
};
/// The key that a file names, if it is believable, and else the estimated one. Many sequencers write C major into every
/// file, so a written key counts only if its scale holds no less of the song than that of the estimated key does
/// (README.md has the figures).
SongKey choose_key(const std::optional<Key>& written, const Chroma& chroma);

/// Semitones, -5 to 6, that bring a major key to C and a minor key to A minor: the keys without accidentals.
int shift_to_c(const Key& key);

/// "C major", "F# minor".
std::string name_of(const Key& key);

}  // namespace musegan
