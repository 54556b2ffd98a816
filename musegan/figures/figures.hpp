// Piano-rolls as pictures, in the papers' style: time runs right, pitch up, every track in its colour.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "musegan/figures/picture.hpp"
#include "musegan/phrase/packing.hpp"

namespace musegan {

/// Pixels of a cell, and what stands around the panels.
struct RollStyle {
    int step_width = 2;  ///< of a step of the finest grid; steps of a coarser one are wider, so that bars look alike
    int pitch_height = 2;
    bool labels = true;            ///< track names, octaves and bar numbers; of a grid at its left and lower edges
    std::string title{};           ///< above the panels, of a grid above all; empty for none
    std::int64_t bars_before = 0;  ///< of the song: the first bar drawn has the number behind
};

/// The most bars that fit into one figure of a roll.
std::int64_t most_bars(const PhraseShape& shape, const RollStyle& style);

/// One panel for each track, stacked in figure order (bass, drums, guitar, strings, piano), bar lines dark, beat lines
/// light. The roll may have any length. Throws Error for a cell size below 1 or a picture beyond the bounds of Picture.
Picture tracks_figure(const PianoRoll& roll, const RollStyle& style = {});

/// All tracks in one panel, inks multiplied: where they overlap, the colour darkens towards black (the poster's style).
Picture overlay_figure(const PianoRoll& roll, const RollStyle& style = {});

enum class Layout { stacked, overlay };
constexpr auto enum_names(Layout) { return std::array{"stacked", "overlay"}; }

/// A long roll in lines below each other, of `bars` bars each, as one of these figures. Throws Error likewise.
Picture lines_figure(const PianoRoll& roll, Layout layout, std::int64_t bars, const RollStyle& style = {});
/// The most bars that fit into such a figure, whose lines have as many of `bars` as fit into a line.
std::int64_t most_bars_in_lines(const PhraseShape& shape, Layout layout, std::int64_t bars, const RollStyle& style);

/// Packed phrases side by side, `columns` in a row, in reading order: samples, or an interpolation. A legend of the
/// tracks stands on top. `captions` may be empty or hold one text for each phrase. Throws Error for sizes that do not
/// fit.
Picture grid_figure(const PhraseView& phrases, int columns, Layout layout,
                    const std::vector<std::string>& captions = {}, const RollStyle& style = {1, 2, false, ""});

/// One moment of training: the same latent vectors, decoded then.
struct Stage {
    std::string label;      ///< "step 700"
    PackedPhrases phrases;  ///< equally many and of one shape in every stage
};

/// How phrases change along training: a column for each stage with its label on top, a row for each phrase. Throws
/// Error for no stage, and for stages with other numbers or shapes of phrases.
Picture evolution_figure(const std::vector<Stage>& stages, const RollStyle& style = {1, 1, false, ""},
                         Layout layout = Layout::stacked);

}  // namespace musegan
