#include "musegan/figures/canvas.hpp"

#include <algorithm>
#include <cmath>

#include "musegan/figures/font.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

/// Calls visit(pixel) for the part of a rectangle that lies in the picture.
template <typename Visit>
void for_each_pixel(io::Image& image, int x, int y, int width, int height, Visit&& visit) {
    const int right = std::min(x + width, image.width);
    const int bottom = std::min(y + height, image.height);
    for (int row = std::max(y, 0); row < bottom; ++row) {
        for (int column = std::max(x, 0); column < right; ++column) visit(image.pixel(column, row));
    }
}

/// Distance from a point to the segment (x0, y0) - (x1, y1).
double distance_to_segment(double x, double y, double x0, double y0, double x1, double y1) {
    const double dx = x1 - x0, dy = y1 - y0;
    const double squared = dx * dx + dy * dy;
    const double along = squared > 0 ? std::clamp(((x - x0) * dx + (y - y0) * dy) / squared, 0.0, 1.0) : 0.0;
    return std::hypot(x - x0 - along * dx, y - y0 - along * dy);
}

}  // namespace

io::Image make_canvas(int width, int height) {
    if (width < 1 || height < 1 || width > io::max_image_side || height > io::max_image_side ||
        std::int64_t{width} * height > io::max_image_pixels) {
        tensor::fail("figure", "{} x {} pixels, expected sides of 1 to {} and at most {} pixels in all",
                     width, height, io::max_image_side, io::max_image_pixels);
    }
    return io::Image::filled(width, height, 255, 255, 255);
}

void fill_rectangle(io::Image& image, int x, int y, int width, int height, Color color) {
    for_each_pixel(image, x, y, width, height,
                   [&](std::uint8_t* pixel) { std::copy_n(color.data(), 3, pixel); });
}

void multiply_rectangle(io::Image& image, int x, int y, int width, int height, Color color) {
    for_each_pixel(image, x, y, width, height, [&](std::uint8_t* pixel) {
        for (std::size_t k = 0; k < 3; ++k)
            pixel[k] = static_cast<std::uint8_t>((pixel[k] * color[k] + 127) / 255);
    });
}

void draw_frame(io::Image& image, int x, int y, int width, int height, Color color) {
    fill_rectangle(image, x, y, width, 1, color);
    fill_rectangle(image, x, y + height - 1, width, 1, color);
    fill_rectangle(image, x, y, 1, height, color);
    fill_rectangle(image, x + width - 1, y, 1, height, color);
}

void draw_line(io::Image& image, double x0, double y0, double x1, double y1, Color color, double width,
               const Clip& clip) {
    const double reach = width / 2 + 1;
    const auto low = [](double value, int bound) {
        return std::max(bound, static_cast<int>(std::floor(value)));
    };
    const auto high = [](double value, int bound) {
        return std::min(bound, static_cast<int>(std::ceil(value)) + 1);
    };
    const int left =
        low(std::clamp(std::min(x0, x1) - reach, -1.0, image.width + 1.0), std::max(clip.left, 0));
    const int right = high(std::clamp(std::max(x0, x1) + reach, -1.0, image.width + 1.0),
                           std::min(clip.right, image.width));
    for (int x = left; x < right; ++x) {
        // Rows near the line within this column, so that a steep long segment costs its length and not its
        // area.
        double y_min = std::min(y0, y1), y_max = std::max(y0, y1);
        if (const double dx = x1 - x0; std::abs(dx) > 1e-9) {
            const double slope = (y1 - y0) / dx;
            const double a = y0 + slope * (x - reach - x0), b = y0 + slope * (x + reach - x0);
            y_min = std::max(y_min, std::min(a, b));
            y_max = std::min(y_max, std::max(a, b));
        }
        const int top = low(std::clamp(y_min - reach, -1.0, image.height + 1.0), std::max(clip.top, 0));
        const int bottom =
            high(std::clamp(y_max + reach, -1.0, image.height + 1.0), std::min(clip.bottom, image.height));
        for (int y = top; y < bottom; ++y) {
            const double share =
                std::clamp(width / 2 + 0.5 - distance_to_segment(x, y, x0, y0, x1, y1), 0.0, 1.0);
            std::uint8_t* const pixel = image.pixel(x, y);
            for (std::size_t k = 0; k < 3; ++k) {
                pixel[k] = static_cast<std::uint8_t>(std::lround(pixel[k] + share * (color[k] - pixel[k])));
            }
        }
    }
}

int text_width(std::string_view text, int scale) {
    return text.empty() ? 0 : (static_cast<int>(text.size()) * (glyph_width + 1) - 1) * scale;
}

void draw_text(io::Image& image, int x, int y, std::string_view text, Color color, int scale) {
    for (const char character : text) {
        const Glyph shape = glyph(character);
        for (int row = 0; row < glyph_height; ++row) {
            for (int column = 0; column < glyph_width; ++column) {
                if ((shape.rows[static_cast<std::size_t>(row)] >> (glyph_width - 1 - column) & 1) == 0)
                    continue;
                fill_rectangle(image, x + column * scale, y + (row + shape.drop) * scale, scale, scale,
                               color);
            }
        }
        x += (glyph_width + 1) * scale;
    }
}

void draw_image(io::Image& image, int x, int y, const io::Image& source) {
    for (int row = 0; row < source.height; ++row) {
        for (int column = 0; column < source.width; ++column) {
            const std::uint8_t* const from = source.pixel(column, row);
            fill_rectangle(image, x + column, y + row, 1, 1, {from[0], from[1], from[2]});
        }
    }
}

Color tint(Color color, double share) {
    Color mixed{};
    for (std::size_t k = 0; k < 3; ++k) {
        mixed[k] =
            static_cast<std::uint8_t>(std::lround(255 + std::clamp(share, 0.0, 1.0) * (color[k] - 255)));
    }
    return mixed;
}

}  // namespace musegan
