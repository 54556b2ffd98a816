// Phrases on another time grid: from the finest (24 steps per beat, on which datasets are kept) to a coarser one, and
// back. With r = 24 / steps per beat, step k of the coarser grid covers the finest steps r k to r k + r - 1.
#pragma once

#include <cstdint>

#include "musegan/phrase/packing.hpp"
#include "musegan/phrase/pianoroll.hpp"

namespace musegan {

/// What became of the notes of a reduction.
struct ReductionCounts {
    std::int64_t notes = 0;   ///< pitched, before
    std::int64_t joined = 0;  ///< of them: now one with the note before, whose rest was shorter than a step
    std::int64_t lost = 0;    ///< of them: without a cell, since they lie between the places that are looked at
    std::int64_t hits = 0;    ///< of drums, before
    std::int64_t merged = 0;  ///< of them: a second hit of one drum in one step

    ReductionCounts& operator+=(const ReductionCounts& more);
    bool operator==(const ReductionCounts&) const = default;
};

/// A roll of the finest grid on that of `steps_per_beat`: a pitched cell k is on where the finest cell r k or r k + 1
/// is (so a note that comes a little late still counts, and the rest at a note's end does not matter); a drum cell is
/// on where any of the r finest cells is. The result has ceil(steps / r) steps. Adds to `counts` where it is given.
/// Throws Error for a roll of another grid and for steps that PhraseShape refuses.
PianoRoll reduce(PianoRoll finest, int steps_per_beat, ReductionCounts* counts = nullptr);
/// The same phrase by phrase, in parallel.
PackedPhrases reduce(const PhraseView& finest, int steps_per_beat, ReductionCounts* counts = nullptr);

/// A roll of any grid on the finest one: a pitched note [a, b) becomes [r a, r b - 1), which leaves the rest of one
/// step that rolls of the finest grid have after each note; a drum hit k becomes the cell r k. The finest grid stays as
/// it is. reduce(expand(roll), steps per beat) = roll.
PianoRoll expand(PianoRoll roll);

}  // namespace musegan
