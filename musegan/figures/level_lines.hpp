// Where a function of the plane has a certain value.
#pragma once

#include <span>
#include <vector>

#include "musegan/figures/plane_grid.hpp"

namespace musegan {

/// Joined points; a closed line ends at the point at which it begins.
using LevelLine = std::vector<PlanePoint>;

/// The lines that part the values of at least `level` from those below it, by marching squares (the two-dimensional
/// form of Lorensen and Cline, "Marching Cubes", SIGGRAPH 1987): a line crosses an edge of the grid where the level
/// lies between its two values, at the place that linear interpolation gives. Where all four edges of a cell are
/// crossed, the mean of its corners decides which two corners belong together. A cell with a corner that is not finite
/// has no line; lines end at such cells and at the grid's border. First come the open lines, then the closed ones, each
/// kind in the order in which the grid's values meet them. Throws Error where there is not a value per point of the
/// grid.
std::vector<LevelLine> level_lines(const PlaneGrid& grid, std::span<const double> values, double level);

}  // namespace musegan
