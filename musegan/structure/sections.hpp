// From the sections of a stretch of bars to the bars that phrases are cut from.
#pragma once

#include <cstdint>
#include <vector>

#include "musegan/structure/features.hpp"
#include "musegan/structure/segmentation.hpp"

namespace musegan {

/// The sections of `bars`, which they cover without a gap: one for Segmentation::fixed, and none of no bars.
std::vector<BarRange> sections_of(const PianoRoll& roll, const BarRange& bars, Segmentation way);

/// The bars of each section that whole phrases of four bars are cut from, {begin, begin} where it gives none.
///
///     fixed       as they are
///     sf          pruned at the end to a multiple of four bars
///     sf-authors  the first and the last section give none, where there are three or more. Of the others, those of
///                 4 k bars stay as they are; of 4 k + 1 the last bar is left out; of 4 k + 2 (k > 0) the first and the
///                 last one; those of 4 k + 3 take in the bar behind them. Of 2 bars: the bar before and the bar behind
///                 are taken in. Of 1 bar: none. A bar that the stretch does not have is not taken in: 4 k + 3 bars are
///                 then pruned at the end, and 2 bars give none.
///
/// The authors' rule is stated for phrases of eight bars (lengths of 8 and more by their rest of 4; 7 and 6 filled up
/// to eight; shorter ones dropped); here it stands for phrases of four.
std::vector<BarRange> ranges_to_cut(const std::vector<BarRange>& sections, Segmentation way);

}  // namespace musegan
