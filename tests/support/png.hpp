// Reads a PNG back, through Cairo, so that tests see the pixels of the bytes that were written.
#pragma once

#include <cairo.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "musegan/phrase/tracks.hpp"

namespace support {

struct Pixels {
    int width = 0;
    int height = 0;
    std::vector<musegan::Color> colors;  ///< row by row from the top

    musegan::Color at(int x, int y) const { return colors.at(static_cast<std::size_t>(y) * width + x); }
    std::int64_t count(musegan::Color color) const { return std::count(colors.begin(), colors.end(), color); }
    /// Whether anything but white stands in columns x to x + w - 1 of rows y to y + h - 1.
    bool any_ink(int x, int y, int w, int h) const {
        for (int row = y; row < y + h; ++row)
            for (int column = x; column < x + w; ++column)
                if (at(column, row) != musegan::Color{255, 255, 255}) return true;
        return false;
    }
};

/// Throws std::runtime_error for bytes that are no whole PNG.
inline Pixels decode_png(std::span<const std::uint8_t> bytes) {
    const auto take = [](void* rest, unsigned char* data, unsigned length) {
        auto& left = *static_cast<std::span<const std::uint8_t>*>(rest);
        if (left.size() < length) return CAIRO_STATUS_READ_ERROR;
        std::copy_n(left.begin(), length, data);
        left = left.subspan(length);
        return CAIRO_STATUS_SUCCESS;
    };
    cairo_surface_t* const surface = cairo_image_surface_create_from_png_stream(take, &bytes);
    Pixels pixels;
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS) {
        pixels.width = cairo_image_surface_get_width(surface);
        pixels.height = cairo_image_surface_get_height(surface);
        const unsigned char* const data = cairo_image_surface_get_data(surface);
        for (int y = 0; y < pixels.height; ++y) {
            for (int x = 0; x < pixels.width; ++x) {  // blue, green, red, nothing: a little-endian word
                const unsigned char* const p = data + y * cairo_image_surface_get_stride(surface) + 4 * x;
                pixels.colors.push_back({p[2], p[1], p[0]});
            }
        }
    }
    cairo_surface_destroy(surface);
    if (pixels.width == 0) throw std::runtime_error("these bytes are no PNG");
    return pixels;
}

}  // namespace support
