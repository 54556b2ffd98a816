// Pictures put together: one below the other, side by side, under a title.
#pragma once

#include <string>
#include <vector>

#include "musegan/figures/picture.hpp"

namespace musegan {

/// Pictures one below the other, as wide as the widest. Throws Error for none.
Picture stacked(const std::vector<Picture>& pictures);

/// Pictures side by side with `gap` pixels between them, their tops in one line, as high as the highest. Throws Error
/// for none.
Picture beside(const std::vector<Picture>& pictures, int gap = 0);
/// The picture below a line of text, bold, which is cut where it is too long; the picture alone for no text.
Picture titled(const Picture& picture, const std::string& title);

/// Rows of pictures, each with one per column, so that what is compared stands side by side: a column under each title.
/// Throws Error for no row, and for a row that has not as many pictures as there are titles.
Picture in_columns(const std::vector<std::vector<Picture>>& rows, const std::vector<std::string>& titles);

}  // namespace musegan
