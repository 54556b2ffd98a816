// A picture that is drawn once and given out as PNG, SVG or PDF. Cairo draws; picture.cpp alone knows that.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "musegan/phrase/tracks.hpp"

namespace musegan {

struct Renderer;  // Cairo's drawing context

inline constexpr Color white{255, 255, 255};
inline constexpr Color black{0, 0, 0};

/// Cairo's bound on the side of a picture, in pixels.
constexpr int max_picture_side = 32'767;
/// Most pixels of a picture.
constexpr std::int64_t max_picture_pixels = std::int64_t{1} << 28;

/// Whole pixels: columns x to x + width - 1, rows y to y + height - 1, counted from the top left corner.
struct Rectangle {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;
};

/// A place on the paper. Whole numbers are the corners of pixels, so the middle of the first pixel is (0.5, 0.5).
struct Point {
    double x = 0.0;
    double y = 0.0;
};

struct Pen {
    Color color = black;
    double width = 1.0;
    double dash = 0.0;  ///< length of the dashes, and 0.7 times that between them; 0 for an unbroken line
};

enum class Align { left, center, right };

struct TextStyle {
    double size = 12.0;  ///< of the font, in pixels
    Color color = black;
    Align align = Align::left;  ///< which end of the text, or its middle, stands at the given point
    bool bold = false;
    bool upward = false;  ///< turned left by a quarter: the text reads from the bottom to the top
};

/// Pixels that one line of text takes along its direction.
///
/// The font is DejaVu Sans where it is installed, else what fontconfig takes in its place, and on a machine without any
/// font the strokes that Cairo brings with it (ASCII alone).
double text_width(std::string_view text, const TextStyle& style = {});

/// A white sheet and what was drawn on it, in that order. Coordinates are pixels; what lies outside is cut off.
///
/// Nothing is rendered before an encoder is called: png(), svg() and pdf() play the same drawing. The same picture
/// gives the same bytes on the same machine; no date and no random name gets into them.
class Picture {
  public:
    /// Throws Error for sides outside 1 to max_picture_side or more than max_picture_pixels in all.
    Picture(int width, int height);

    int width() const { return width_; }
    int height() const { return height_; }

    /// Fills without smoothing: in the PNG every pixel of the rectangle has exactly this colour.
    void fill(const Rectangle& rectangle, Color color);
    /// One shape of many rectangles: in SVG and PDF it is a single path.
    void fill(std::vector<Rectangle> rectangles, Color color);
    /// A line of one pixel just inside the rectangle.
    void frame(const Rectangle& rectangle, Color color);
    /// The line through `points`, with smooth edges and round corners; a single point is a dot. Only pixels of `clip`
    /// change.
    void line(std::vector<Point> points, const Pen& pen, const Rectangle& clip);
    /// One line of UTF-8 text. `at` is its end or middle (style.align) along its direction, and the middle of the
    /// digits' height across it.
    void text(Point at, std::string_view text, const TextStyle& style = {});

    /// Draws another picture, with its top left corner there.
    void place(const Picture& other, int x, int y);

    /// Called every few milliseconds while a picture is rendered and encoded; throwing from it ends that.
    using Look = std::function<void()>;

    /// 8-bit RGB, width() x height() pixels. All three throw Error where Cairo fails: text that is no UTF-8, no memory.
    std::vector<std::uint8_t> png(const Look& look = {}) const;
    /// Vectors, text as outlines; a pixel is CSS's px.
    std::vector<std::uint8_t> svg(const Look& look = {}) const;
    /// Vectors, text as text with the glyphs of the font that it needs; a pixel is 1/96 inch.
    std::vector<std::uint8_t> pdf(const Look& look = {}) const;
    /// Writes the format that the path's ending names, atomically (io/atomic_file.hpp). Throws Error for another ending
    /// than .png, .svg and .pdf, or where the file cannot be written.
    void save(const std::filesystem::path& path, const Look& look = {}) const;
    /// Throws Error for a path that save() would refuse for its ending.
    static void require_format(const std::filesystem::path& path);

  private:
    using Stroke = std::function<void(Renderer&)>;
    void play(Renderer& renderer, const Look& look) const;

    int width_;
    int height_;
    std::vector<Stroke> strokes_;
};

/// Share 0 is `a`, 1 is `b`; shares outside count as the nearer of the two.
Color mixed(Color a, Color b, double share_of_b);
/// `color` mixed with white: share 0 is white, 1 is the colour.
inline Color tint(Color color, double share) { return mixed(white, color, share); }

}  // namespace musegan
