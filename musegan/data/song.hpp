// One song: from its source to the 4-bar phrases that a model learns from, or the reason for having none; or whole.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "musegan/data/song_filter.hpp"
#include "musegan/sources/source.hpp"

namespace musegan {

/// What happened to a file.
enum class Outcome {
    kept,
    unreadable,      ///< the file or folder cannot be read
    not_listed,      ///< in none of the lists of --ids
    low_score,       ///< matched with less confidence than asked for
    not_best,        ///< another file is a better match of the same song
    malformed,       ///< no file of a known kind that can be parsed
    meter,           ///< no four bars in a row of four quarters; by strict_meter and cleanse, not the meter they want
    key,             ///< by filter.key, neither C major nor A minor
    no_notes,        ///< no note in the five families and the pitch range
    missing_track,   ///< a required track is silent
    too_few_tracks,  ///< no 4-bar window with enough active tracks
    duplicate,       ///< all its phrases are those of other songs
};
/// As the report writes them.
constexpr auto enum_names(Outcome) {
    return std::array{"kept",  "unreadable", "not_listed", "low_score",     "not_best",       "malformed",
                      "meter", "key",        "no_notes",   "missing_track", "too_few_tracks", "duplicate"};
}
inline constexpr int n_outcomes = static_cast<int>(enum_names(Outcome{}).size());

struct Song {
    Outcome outcome = Outcome::kept;
    std::string detail;           ///< the fact behind any outcome but kept: "no drums"; of an array that was cut, why
    std::string meter;            ///< "4/4", "none" (counted as 4/4), "3/4;4/4"
    std::string key;              ///< where filter.key asks for it, else empty
    bool key_is_written = false;  ///< in the file; else it is estimated (choose_key)
    int transposition = 0;        ///< semitones applied
    NoteCounts counts;
    std::array<bool, n_tracks> has_track{};  ///< tracks with a note
    std::int64_t foreign_bars = 0;           ///< bars without four quarters
    std::int64_t sections = 0;               ///< that the song was parted into (structure/)
    std::int64_t windows = 0;                ///< whole 4-bar windows looked at
    std::int64_t duplicates = 0;             ///< windows dropped as exact repeats within the song
    PackedPhrases phrases;                   ///< of the finest grid
};

/// Cuts a song into phrases: its meter is checked, and its key where filter.key asks for that, the bars of four
/// quarters are turned into a roll, its tracks checked, and windows chosen (choose_windows). Never throws for the
/// content of a song: the outcome says what is wrong. Throws Error for a filter out of range.
Song cut_song(const SongSource& source, const SongFilter& filter = {});

/// A song as one roll of the finest grid, as it is: in its key, and with the tracks that it has; an upbeat stands at
/// the end of the first bar. Throws Error("[name] ...") for a song without notes, one of which no note is kept, and one
/// with a bar without four quarters that is no upbeat.
CountedRoll whole_song(const SongSource& source, std::string_view name);

}  // namespace musegan
