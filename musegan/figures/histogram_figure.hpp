// What notes are like, track by track: how long, how high, how many. Sets of phrases beside each other.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "musegan/figures/histogram_axis.hpp"
#include "musegan/figures/picture.hpp"

namespace musegan {

/// What one set of phrases has, by tensor index of the track.
struct HistogramSet {
    std::string name;
    Color color;
    std::array<Histogram, n_tracks> lengths{};  ///< of notes, in steps; not asked for of drums
    std::array<Histogram, n_tracks> pitches{};  ///< of notes: MIDI pitches
    std::array<Histogram, n_tracks>
        densities{};  ///< of bars: notes that begin in each; only those with a note are drawn
};

struct HistogramPicture {
    std::string title{};
    int steps_per_beat = 0;  ///< of the grid on which lengths are counted
    std::vector<HistogramSet> sets{};
};

/// A row each for length of notes, pitch, and notes per bar, a column for each track in figure order. A panel shows for
/// each set the share of its notes (of its bars in the last row) in every bin: the first set as an area, the others as
/// lines, each in its colour. Lengths stand on a scale of doublings, where a bin may hold several; pitches are those
/// that any set has; lengths and notes per bar end where each set has 99.5 % of its own. A panel in which no set has
/// anything says "nothing". Throws Error for no set, and for steps per beat that no grid has.
Picture histogram_figure(const HistogramPicture& histograms);

}  // namespace musegan
