// One song: from a parsed MIDI file to the 4-bar phrases that a model learns from, or the reason for having
// none.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/midi.hpp"
#include "musegan/phrase/pianoroll.hpp"

namespace musegan {

/// Which songs and which 4-bar windows become data.
struct SongFilter {
    /// Tracks (tensor indices) that a song must have a note of. Pop and rock stand on bass and drums.
    std::vector<int> required_tracks{index_of(Family::bass), index_of(Family::drums)};
    /// A window is kept if at least this many tracks are active in it, 1 to 5.
    int min_tracks = 3;
    /// A track is active in a window if it sounds in at least this many of the 4 bars: one held or stray note
    /// is no part in a phrase. 1 to 4.
    int min_active_bars = 2;
    /// At most so many phrases a song, spread evenly over it; 0 keeps all.
    std::int64_t max_phrases = 0;
    /// Moves the estimated key to C major or A minor (musegan/data/key.hpp).
    bool transpose_to_c = false;
};

/// What happened to a file.
enum class Outcome {
    kept,
    unreadable,      ///< the file or folder cannot be read
    malformed,       ///< no MIDI file that can be parsed
    meter,           ///< a meter other than 4/4 while notes sound
    no_notes,        ///< no note in the five families and the pitch range
    too_long,        ///< beyond max_bars
    missing_track,   ///< a required track is silent
    too_few_tracks,  ///< no 4-bar window with enough active tracks
};
inline constexpr int n_outcomes = 8;

/// "kept", "unreadable", ... as the report writes them.
std::string_view name_of(Outcome outcome);

struct Song {
    Outcome outcome = Outcome::kept;
    std::string detail;     ///< the fact behind any outcome but kept: "3/4 at tick 0", "no drums"
    std::string meter;      ///< "4/4", "none" (counted as 4/4), "3/4;4/4"
    std::string key;        ///< the estimated key where transpose_to_c asked for it, else empty
    int transposition = 0;  ///< semitones applied
    NoteCounts counts;
    std::array<bool, n_tracks> has_track{};  ///< tracks with a note
    std::int64_t windows = 0;                ///< whole 4-bar windows looked at
    std::int64_t duplicates = 0;             ///< windows dropped as exact repeats within the song
    std::vector<std::uint8_t> phrases;       ///< packed, bytes_per_phrase each
    std::int64_t n_phrases() const { return static_cast<std::int64_t>(phrases.size()) / bytes_per_phrase; }
};

/// Cuts a song into consecutive windows of 4 bars, from the bar of its first note on; what is left over at
/// the end (under 4 bars) is dropped. Bars begin where the file's first meter event stands, or at tick 0
/// without one. Never throws for the content of a file: the outcome says what is wrong. Throws Error for a
/// filter out of range.
Song cut_song(const io::MidiFile& midi, const SongFilter& filter = {});

/// Throws Error unless the filter's numbers lie in their ranges.
void validate(const SongFilter& filter);

}  // namespace musegan
