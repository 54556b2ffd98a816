// From runs of cells to a roll: what both timings of MIDI (midi_roll.hpp, lpd_timing.hpp) and pypianoroll files
// (sources/multitrack_source.hpp) end with.
#pragma once

#include <cstdint>
#include <vector>

#include "musegan/phrase/midi_roll.hpp"

namespace musegan {

/// Where a stretch of a song's bars stands in its roll.
struct PlacedStretch {
    std::int64_t tick;    ///< of the song, in the unit of its stretches
    std::int64_t first;   ///< step of the roll
    std::int64_t length;  ///< in steps
    bool is_cut;          ///< by max_bars
};
/// One after the other, as many bars as a roll may have.
std::vector<PlacedStretch> place(const std::vector<Stretch>& stretches);

/// A roll that runs are put into, one after the other.
class RollBuilder {
  public:
    /// Room for the whole bars of the finest grid that `steps` steps need.
    RollBuilder(std::int64_t steps, const PhraseShape& shape);

    /// Runs come sorted by begin, or as the parts of notes that are; those of one pitch and track may lie over each
    /// other. Every cell is turned on once, however many runs of a hostile file have it.
    void add(const Run& run);
    /// The roll, reduced to the grid of the shape; no notes are counted.
    CountedRoll finish(const std::vector<PlacedStretch>& stretches);

  private:
    PhraseShape shape_, finest_;
    PianoRoll roll_;
    std::vector<std::int64_t> filled_;  ///< of each pitch and track: where the runs so far end
};

/// That of all runs, as long as the last of them needs.
CountedRoll roll_of_runs(const std::vector<Run>& runs, const std::vector<PlacedStretch>& stretches,
                         const PhraseShape& shape);

}  // namespace musegan
