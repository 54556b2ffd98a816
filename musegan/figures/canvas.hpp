// Drawing on an io::Image. Everything is clipped to the picture; coordinates are pixels from the top left
// corner.
#pragma once

#include <string_view>

#include "io/png.hpp"
#include "musegan/phrase/tracks.hpp"

namespace musegan {

inline constexpr Color white{255, 255, 255};
inline constexpr Color black{0, 0, 0};

/// A white picture. Throws Error for sides outside 1 to io::max_image_side.
io::Image make_canvas(int width, int height);

void fill_rectangle(io::Image& image, int x, int y, int width, int height, Color color);

/// Multiplies each channel by color / 255, as inks lie over each other: white changes nothing, overlaps
/// darken.
void multiply_rectangle(io::Image& image, int x, int y, int width, int height, Color color);

/// A frame of one pixel just inside the rectangle.
void draw_frame(io::Image& image, int x, int y, int width, int height, Color color);

/// A straight line of `width` pixels with smooth edges, blended over what is there: each pixel is covered by
/// clamp(width / 2 + 1/2 - distance, 0, 1). Only pixels with left <= x < right and top <= y < bottom of
/// `clip` change.
struct Clip {
    int left, top, right, bottom;
};
void draw_line(io::Image& image, double x0, double y0, double x1, double y1, Color color, double width,
               const Clip& clip);

/// Pixels that a text takes; capitals are 7 * scale high, and some letters hang 2 * scale lower.
int text_width(std::string_view text, int scale = 1);
/// One line of text with its top left corner at (x, y), every glyph pixel `scale` wide.
void draw_text(io::Image& image, int x, int y, std::string_view text, Color color = black, int scale = 1);

/// Copies `source` with its top left corner at (x, y).
void draw_image(io::Image& image, int x, int y, const io::Image& source);

/// `color` mixed with white: share 0 is white, 1 is the colour.
Color tint(Color color, double share);

}  // namespace musegan
