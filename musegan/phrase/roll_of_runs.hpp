// From runs of cells to a roll: what both timings (midi_roll.hpp, lpd_timing.hpp) end with.
#pragma once

#include <cstdint>
#include <vector>

#include "musegan/phrase/midi_roll.hpp"

namespace musegan {

/// Where a stretch of a song's bars stands in its roll.
struct PlacedStretch {
    std::int64_t tick;
    std::int64_t first;   ///< step of the roll
    std::int64_t length;  ///< in steps
    bool is_cut;          ///< by max_bars
};
/// One after the other, as many bars as a roll may have.
std::vector<PlacedStretch> place(const std::vector<Stretch>& stretches);

/// The roll of whole bars of the finest grid that the last run needs, reduced to the grid of `shape`; no notes are
/// counted. Runs are sorted by begin; those of one pitch and track may lie over each other.
CountedRoll roll_of_runs(const std::vector<Run>& runs, const std::vector<PlacedStretch>& stretches,
                         const PhraseShape& shape);

}  // namespace musegan
