// Text that has to fit.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "musegan/figures/picture.hpp"

namespace musegan {

/// `text` where it takes at most `room` pixels; else as much of its beginning as fits with an ellipsis behind it, or ""
/// where fewer than `fewest` bytes would be left.
std::string ellipsized(const std::string& text, double room, const TextStyle& style, std::size_t fewest = 1);

/// The words of `text` in lines of at most `room` pixels. A word that is longer is ellipsized.
std::vector<std::string> wrapped(const std::string& text, double room, const TextStyle& style);

/// "14.2 %".
std::string share_text(double share);

}  // namespace musegan
