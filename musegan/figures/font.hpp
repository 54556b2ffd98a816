// A 5 x 7 bitmap font for the labels of figures: the printable ASCII characters.
#pragma once

#include <array>
#include <cstdint>

namespace musegan {

inline constexpr int glyph_width = 5;
inline constexpr int glyph_height = 7;

inline constexpr int glyph_descent = 2;  ///< how far g, p, q and y hang below the line

struct Glyph {
    std::array<std::uint8_t, glyph_height> rows{};  ///< from the top; bit 4 is the leftmost pixel
    int drop = 0;                                   ///< pixels by which the whole glyph stands lower
};

/// A character outside ' ' to '~' is drawn as a box.
Glyph glyph(char character);

}  // namespace musegan
