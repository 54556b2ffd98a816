// The 4-bar windows of a roll, and which of them are worth keeping.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "musegan/data/song_filter.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/structure/features.hpp"

namespace musegan {

/// Whether each track sounds in a bar.
using BarActivity = std::array<bool, n_tracks>;

/// Of each whole bar of a roll.
std::vector<BarActivity> activity_of_bars(const PianoRoll& roll);

struct Windows {
    std::vector<std::int64_t> first_bars;  ///< of the windows kept, in order
    std::int64_t sections = 0;             ///< that the stretches were parted into; one each by Segmentation::fixed
    std::int64_t count = 0;                ///< whole windows looked at
    std::int64_t duplicates = 0;           ///< dropped as exact repeats of an earlier window of this roll
};

/// Each stretch of bars (CountedRoll::first_bars) from its first bar that sounds on; none of one that is silent. `bars`
/// is activity_of_bars(song.roll).
std::vector<BarRange> sounding_stretches(const CountedRoll& song, const std::vector<BarActivity>& bars);

/// Consecutive windows of a phrase's bars in what is taken of each section (structure/sections.hpp) of each sounding
/// stretch; what is left over at its end is dropped. A window is kept if enough tracks are active in it (SongFilter)
/// and it repeats no earlier one; of more than filter.max_phrases, that many are kept, spread evenly. `bars` is
/// activity_of_bars(song.roll).
Windows choose_windows(const CountedRoll& song, const std::vector<BarActivity>& bars, const SongFilter& filter);

}  // namespace musegan
