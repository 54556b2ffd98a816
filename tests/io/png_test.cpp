#include "io/png.hpp"

#include <doctest/doctest.h>

#include "io/file.hpp"
#include "tests/io/midi_bytes.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/compare.hpp"

using io::Image;
using support::Bytes;
using support::contains_all;
using support::message_of;

namespace {

/// A picture in which every pixel differs from its neighbours.
Image pattern(int width, int height) {
    Image image = Image::filled(width, height, 0, 0, 0);
    for (std::size_t i = 0; i < image.rgb.size(); ++i)
        image.rgb[i] = static_cast<std::uint8_t>(i * 37 + i / 251);
    return image;
}

}  // namespace

TEST_CASE("a PNG begins with the signature and holds its sides") {
    const Bytes bytes = io::encode_png(pattern(300, 2));
    const Bytes start{0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I',
                      'H',  'D', 'R', 0,   0,  1,  44, 0,  0, 0, 2, 8,  2};  // 300 x 2, 8 bits, RGB
    REQUIRE(bytes.size() > start.size());
    CHECK(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(start.size())) == start);
}

TEST_CASE("pixels come back as they went, for odd and even sides") {
    for (const auto& [width, height] : {std::pair{1, 1}, {1, 7}, {7, 1}, {31, 17}, {256, 3}}) {
        const Image image = pattern(width, height);
        CHECK(io::decode_png(io::encode_png(image), "x.png") == image);
    }
}

TEST_CASE("the same picture gives the same bytes") {
    CHECK(io::encode_png(pattern(20, 30)) == io::encode_png(pattern(20, 30)));
}

TEST_CASE("pixel(x, y) is column x of row y from the top") {
    Image image = Image::filled(3, 2, 0, 0, 0);
    image.pixel(2, 1)[0] = 9;
    CHECK(image.rgb[3 * 5] == 9);
}

TEST_CASE("write_png goes through a file") {
    const support::TemporaryFolder folder;
    const Image image = pattern(5, 4);
    io::write_png(folder.path() / "x.png", image);
    CHECK(io::decode_png(io::read_file(folder.path() / "x.png", 1 << 20), "x.png") == image);
    CHECK(folder.files() == 1);
}

TEST_CASE("impossible pictures are refused") {
    CHECK(contains_all(message_of([] { Image::filled(0, 5, 0, 0, 0); }), {"0 x 5"}));
    CHECK(contains_all(message_of([] { io::encode_png({-1, 5, {}}); }), {"-1 x 5"}));
    CHECK(contains_all(message_of([] { io::encode_png({40'000, 1, {}}); }), {"40000 x 1", "32768"}));
    CHECK(contains_all(message_of([] {
                           io::encode_png({2, 2, Bytes(11, 0)});
                       }),
                       {"11 bytes", "2 x 2", "expected 12"}));
}

TEST_CASE("damaged PNGs are refused by name, at every length and with any byte flipped") {
    const Bytes whole = io::encode_png(pattern(9, 9));
    CHECK(contains_all(message_of([] { io::decode_png({}, "x.png"); }), {"[x.png]", "no readable PNG"}));
    for (std::size_t length = 0; length + 12 < whole.size(); ++length) {  // the last 12 bytes are IEND
        const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
        CHECK(contains_all(message_of([&] { io::decode_png(cut, "x.png"); }), {"[x.png]"}));
    }
    for (std::size_t i = 0; i < 16; ++i) {
        Bytes flipped = whole;
        flipped[i] ^= 0x40;
        CHECK(contains_all(message_of([&] { io::decode_png(flipped, "x.png"); }), {"[x.png]"}));
    }
}
