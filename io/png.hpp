// PNG pictures, through libpng's one-call interface.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace io {

/// An RGB picture: 3 bytes a pixel, rows from the top, no padding. rgb.size() == 3 * width * height.
struct Image {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> rgb;

    /// A picture of one colour.
    static Image filled(int width, int height, std::uint8_t red, std::uint8_t green, std::uint8_t blue);
    /// The three bytes of the pixel in column x, row y; not checked.
    std::uint8_t* pixel(int x, int y) { return rgb.data() + 3 * (static_cast<std::size_t>(y) * width + x); }
    const std::uint8_t* pixel(int x, int y) const {
        return rgb.data() + 3 * (static_cast<std::size_t>(y) * width + x);
    }
    bool operator==(const Image&) const = default;
};

/// Widest and highest picture that is written or read, in pixels.
constexpr int max_image_side = 32'768;
/// Most pixels of a picture that is written or read.
constexpr std::int64_t max_image_pixels = std::int64_t{1} << 28;

/// The bytes of an 8-bit RGB PNG. The same picture gives the same bytes. Throws tensor::Error for sides below
/// 1 or above the bounds, or an rgb of another size.
std::vector<std::uint8_t> encode_png(const Image& image);

/// encode_png to a file, atomically (io/file.hpp).
void write_png(const std::filesystem::path& path, const Image& image);

/// Any PNG, as 8-bit RGB (transparency over black). `name` is used in messages. Throws tensor::Error for
/// damaged bytes or a picture above the bounds.
Image decode_png(std::span<const std::uint8_t> bytes, std::string_view name);

}  // namespace io
