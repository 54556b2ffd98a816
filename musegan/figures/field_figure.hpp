// Pictures of functions of the plane: colours, level lines, and points on top, in a grid of panels.
#pragma once

#include <string>
#include <vector>

#include "musegan/figures/picture.hpp"
#include "musegan/figures/plane_grid.hpp"

namespace musegan {

/// One panel: a function on the grid, and points. Cells at a value that is not finite stay white, and points outside
/// the grid are not drawn but counted.
struct FieldPanel {
    std::string caption;         ///< below the panel, one short line; may be empty
    std::vector<double> values;  ///< PlaneGrid::values of them
    std::vector<PlanePoint> real, fake;
};

struct FieldRow {
    std::string name;  ///< at the left
    std::vector<FieldPanel> panels;
};

struct FieldPicture {
    std::string title;
    PlaneGrid grid;
    std::vector<std::string> columns;                         ///< above the panels
    std::vector<FieldRow> rows;                               ///< each with a panel per column
    std::string real_name = "real", fake_name = "generated";  ///< in the legend
    int panel_side = 220;                                     ///< pixels
};

/// Each panel in its own colours, blue where its function is low and yellow where it is high, with ten level lines that
/// cut its range into eleven equal parts; the ends of that range stand below it. A range that is no more than the
/// rounding of 32-bit numbers (a millionth of the values) is none: one colour, no lines. Real and generated points are
/// drawn by turns, so that neither kind hides the other.
///
/// Throws Error for no row or no column, a row without a panel per column, a panel that has not a value per point of
/// the grid, a grid of no cell or of more than 4096 a side, or without a finite reach above 0, and panels of fewer than
/// 120 or more than 4096 pixels a side.
Picture field_figure(const FieldPicture& picture);

}  // namespace musegan
