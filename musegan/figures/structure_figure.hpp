// The sections of a song, and what they were found by.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "musegan/figures/picture.hpp"
#include "musegan/structure/analysis.hpp"

namespace musegan {

/// What is to be seen.
struct StructurePicture {
    std::string title;
    PianoRoll roll;
    std::vector<StructureAnalysis> pieces;  ///< ascending, apart from each other
    std::vector<std::int64_t> windows;      ///< first bars of the phrases cut, each of roll.shape().bars bars
};

/// From the top, all over the same bars: the self-similarity of the song, dark where the chroma of two moments is alike
/// and lines where sections begin; novelty with its threshold and dots at its peaks; where each track sounds; sections,
/// in turn darker and lighter, and the phrases cut. Bars are counted from 1. Throws Error for a roll without a bar.
Picture structure_figure(const StructurePicture& structure);

/// The distances of the figure's cells: |x(a) - x(b)| of the chroma of `beats_per_cell` beats each, added up beat by
/// beat (squared, then the root), row-major; cells x cells with cells = ceil(beats / beats_per_cell). Beats behind the
/// last one are silent.
std::vector<double> cell_distances(const FrameFeatures& beats, std::int64_t beats_per_cell);

}  // namespace musegan
