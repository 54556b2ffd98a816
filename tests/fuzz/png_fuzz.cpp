// Any bytes give a picture within the bounds or a tensor::Error; a picture that was read, written and read again is the
// same.
#include "io/png.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // A header may claim any size. Large pictures are skipped: the reader is tested here, not the memory of the
    // machine.
    constexpr std::size_t width_and_height = 16, header = width_and_height + 8;
    if (size >= header && (data[16] || data[17] || data[20] || data[21])) return 0;
    io::Image image;
    try {
        image = io::decode_png({data, size}, "fuzz");
    } catch (const tensor::Error&) {
        return 0;
    }
    fuzz::require(image.width >= 1 && image.height >= 1, "a picture has pixels");
    fuzz::require(image.rgb.size() == 3 * static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height),
                  "a picture has three bytes per pixel");
    if (image.width <= 64 && image.height <= 64)
        fuzz::require(io::decode_png(io::encode_png(image), "again") == image, "pixels survive");
    return 0;
}

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    io::Image noise = io::Image::filled(7, 5, 200, 100, 50);
    for (std::size_t i = 0; i < noise.rgb.size(); ++i) noise.rgb[i] = static_cast<std::uint8_t>(i * 37);
    return {io::encode_png(noise), io::encode_png(io::Image::filled(1, 1, 0, 0, 0)),
            io::encode_png(io::Image::filled(33, 2, 255, 255, 255))};
}
