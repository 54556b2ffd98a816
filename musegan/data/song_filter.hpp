// Which songs, and which 4-bar windows of them, become data.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "io/settings.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/phrase/tracks.hpp"
#include "musegan/structure/segmentation.hpp"

namespace musegan {

/// What is asked of a song's key.
enum class KeyRule {
    any,        ///< nothing: songs stay in their keys
    c,          ///< only songs in C major or A minor, as in the papers
    transpose,  ///< all songs, moved to C major or A minor
};
constexpr auto enum_names(KeyRule) { return std::array{"any", "c", "transpose"}; }

/// Whose rule a song's time signatures must meet.
enum class Cleansing {
    none,
    lpd,  ///< the cleansed set of the Lakh Pianoroll Dataset: Meter::not_cleansed
};
constexpr auto enum_names(Cleansing) { return std::array{"none", "lpd"}; }

struct SongFilter {
    /// Tracks (tensor indices) that a song must have a note of. Pop and rock stand on bass and drums.
    std::vector<int> required_tracks{index_of(Family::bass), index_of(Family::drums)};
    /// A window is kept if at least this many tracks are active in it, 1 to 5.
    int min_tracks = 3;
    /// A track is active in a window if it sounds in at least this many of the 4 bars: one held or stray note is no
    /// part in a phrase. 1 to 4.
    int min_active_bars = 2;
    /// At most this many phrases per song, spread evenly over it; 0 keeps all.
    std::int64_t max_phrases = 0;
    /// Only songs that are in 4/4 throughout, written so, as in the papers. Otherwise a song gives what it has: all
    /// bars of four quarters (phrase/bar_lines.hpp).
    bool strict_meter = false;
    Cleansing cleanse = Cleansing::none;
    KeyRule key = KeyRule::any;
    FamilyRule families = FamilyRule::paper;
    Timing timing = Timing::native;
    Segmentation segment = Segmentation::fixed;

    /// Throws Error unless the values lie in their ranges (settings_of).
    void validate() const;
};
/// All of them, as `musegan prepare` takes them.
io::SettingList settings_of(SongFilter& filter);

}  // namespace musegan
