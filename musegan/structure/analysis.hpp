// Where the sections of a song begin, from its cells to bars, with all that was computed on the way.
#pragma once

#include <cstdint>
#include <vector>

#include "musegan/structure/features.hpp"
#include "musegan/structure/segmentation.hpp"

namespace musegan {

/// Longer pieces are parted evenly, so that memory and time stay bounded: 8192 frames of `sf-authors`.
inline constexpr std::int64_t most_bars_at_once = 512;

/// What was found in a piece of a song.
struct StructureAnalysis {
    BarRange piece;
    int frames_per_bar = 0;
    FrameFeatures features;
    std::vector<double> novelty;      ///< 0 to 1
    std::vector<double> threshold;    ///< of each of these values
    std::vector<std::int64_t> peaks;  ///< indices of novelty
    double first_bar = 0.0;           ///< where novelty[0] stands, in bars from the beginning of the piece
    /// Bars of the roll, ascending: the piece's first one, those at which a section begins, the one behind its last.
    std::vector<std::int64_t> boundaries;

    /// Where novelty[i] stands, in bars from the beginning of the piece.
    double bar_of(std::int64_t i) const { return first_bar + static_cast<double>(i) / frames_per_bar; }
};

/// Of a piece of at least one bar. Throws Error for Segmentation::fixed, bars outside the roll, and more than
/// most_bars_at_once.
StructureAnalysis analyze(const PianoRoll& roll, const BarRange& piece, Segmentation way);

/// The bars of `range`, in equal pieces (as far as whole bars can be) of at most most_bars_at_once.
std::vector<BarRange> pieces_of(const BarRange& range);

/// A boundary in beats as one in bars: (boundary + 2) / 4 rounded down, so half a bar counts as a whole one.
std::vector<std::int64_t> msaf_boundaries(const std::vector<std::int64_t>& peaks, std::int64_t bars);
/// Boundaries in bars from the peaks among `curve_size` values of novelty, as the authors place them.
std::vector<std::int64_t> authors_boundaries(const std::vector<std::int64_t>& peaks, std::int64_t curve_size,
                                             std::int64_t bars);

}  // namespace musegan
