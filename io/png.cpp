#include "io/png.hpp"

#include <png.h>

#include "io/file.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

std::int64_t pixels(std::int64_t width, std::int64_t height) { return width * height; }

void check_sides(std::string_view where, std::int64_t width, std::int64_t height) {
    if (width < 1 || height < 1 || width > max_image_side || height > max_image_side ||
        pixels(width, height) > max_image_pixels)
        tensor::fail(where, "a picture of {} x {} pixels, expected sides of 1 to {} and at most {} pixels",
                     width, height, max_image_side, max_image_pixels);
}

/// libpng's handle, freed on every way out.
struct Handle {
    png_image image{};
    Handle() { image.version = PNG_IMAGE_VERSION; }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() { png_image_free(&image); }
};

}  // namespace

Image Image::filled(int width, int height, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
    check_sides("image", width, height);
    Image image{width, height,
                std::vector<std::uint8_t>(static_cast<std::size_t>(3 * pixels(width, height)))};
    for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
        image.rgb[i] = red;
        image.rgb[i + 1] = green;
        image.rgb[i + 2] = blue;
    }
    return image;
}

std::vector<std::uint8_t> encode_png(const Image& image) {
    check_sides("png writer", image.width, image.height);
    const std::int64_t expected = 3 * pixels(image.width, image.height);
    if (static_cast<std::int64_t>(image.rgb.size()) != expected)
        tensor::fail("png writer", "{} bytes of RGB for {} x {} pixels, expected {}", image.rgb.size(),
                     image.width, image.height, expected);
    Handle handle;
    handle.image.width = static_cast<png_uint_32>(image.width);
    handle.image.height = static_cast<png_uint_32>(image.height);
    handle.image.format = PNG_FORMAT_RGB;
    png_alloc_size_t length = PNG_IMAGE_PNG_SIZE_MAX(handle.image);
    std::vector<std::uint8_t> bytes(length);
    if (!png_image_write_to_memory(&handle.image, bytes.data(), &length, 0, image.rgb.data(), 0, nullptr))
        tensor::fail("png writer", "libpng: {}", handle.image.message);
    bytes.resize(length);
    return bytes;
}

void write_png(const std::filesystem::path& path, const Image& image) {
    write_file_atomically(path, encode_png(image));
}

Image decode_png(std::span<const std::uint8_t> bytes, std::string_view name) {
    Handle handle;
    if (!png_image_begin_read_from_memory(&handle.image, bytes.data(), bytes.size()))
        tensor::fail(name, "is no readable PNG: {}", handle.image.message);
    check_sides(name, handle.image.width, handle.image.height);
    handle.image.format = PNG_FORMAT_RGB;
    Image image{static_cast<int>(handle.image.width), static_cast<int>(handle.image.height), {}};
    image.rgb.resize(static_cast<std::size_t>(3 * pixels(image.width, image.height)));
    const png_color black{0, 0, 0};
    if (!png_image_finish_read(&handle.image, &black, image.rgb.data(), 0, nullptr))
        tensor::fail(name, "is no readable PNG: {}", handle.image.message);
    return image;
}

}  // namespace io
