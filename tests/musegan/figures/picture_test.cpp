#include "musegan/figures/picture.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "io/file.hpp"
#include "musegan/figures/arrangement.hpp"
#include "tensor/error.hpp"
#include "tests/support/command.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/png.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
using support::Pixels;

namespace {

Pixels pixels_of(const Picture& picture) { return support::decode_png(picture.png()); }

std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

std::size_t occurrences(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

/// Something of every kind.
Picture sample() {
    Picture picture(120, 60);
    picture.fill(std::vector<Rectangle>{{10, 10, 20, 5}, {10, 20, 30, 5}}, {142, 68, 190});
    picture.frame({0, 0, 120, 60}, {60, 60, 60});
    picture.line({{5, 50}, {60, 30}, {115, 50}}, {.color = {31, 119, 180}, .width = 2}, {0, 0, 120, 60});
    picture.text({60, 15}, "Middle C \u2212 4", {.size = 12, .bold = true});
    return picture;
}

}  // namespace

TEST_CASE("picture: rectangles have exactly their colour, in order, cut at the edges") {
    Picture picture(20, 10);
    picture.fill(Rectangle{-5, -5, 100, 8}, {1, 2, 3});
    picture.fill(std::vector<Rectangle>{{4, 1, 3, 1}, {6, 1, 2, 5}}, {243, 122, 20});
    picture.fill(Rectangle{0, 20, 5, 5}, black);
    const Pixels pixels = pixels_of(picture);
    CHECK(pixels.width == 20);
    CHECK(pixels.height == 10);
    CHECK(pixels.count({243, 122, 20}) == 3 + 2 * 5 - 1);  // the two share a pixel
    CHECK(pixels.count({1, 2, 3}) == 20 * 3 - 4 - 2);
    CHECK(pixels.count(white) == 20 * 7 - 2 * 3);
    CHECK(pixels.at(4, 1) == Color{243, 122, 20});
    CHECK(pixels.at(7, 5) == Color{243, 122, 20});
    CHECK(pixels.at(3, 1) == Color{1, 2, 3});
    CHECK(pixels.at(4, 3) == white);
}

TEST_CASE("picture: a colour of every value survives the way through Cairo") {
    Picture picture(256, 1);
    for (int value = 0; value < 256; ++value) {
        const auto v = static_cast<std::uint8_t>(value);
        picture.fill(Rectangle{value, 0, 1, 1}, {v, static_cast<std::uint8_t>(255 - v), 7});
    }
    const Pixels pixels = pixels_of(picture);
    for (int value = 0; value < 256; ++value) {
        const auto v = static_cast<std::uint8_t>(value);
        CHECK(pixels.at(value, 0) == Color{v, static_cast<std::uint8_t>(255 - v), 7});
    }
}

TEST_CASE("picture: a frame is one pixel wide and lies inside") {
    Picture picture(10, 10);
    picture.frame({2, 2, 5, 4}, {9, 9, 9});
    const Pixels pixels = pixels_of(picture);
    CHECK(pixels.count({9, 9, 9}) == 2 * 5 + 2 * 2);
    CHECK(pixels.at(6, 5) == Color{9, 9, 9});
    CHECK(pixels.at(7, 5) == white);
}

TEST_CASE("picture: lines keep to their clip, cover whole pixels where they can, and may be dashed") {
    const Color blue{0, 0, 200};
    Picture picture(100, 20);
    picture.line({{-50, 5}, {1e6, 5}}, {.color = blue, .width = 2}, {10, 0, 80, 20});
    picture.line({{0, 15}, {100, 15}}, {.color = {200, 0, 0}, .width = 2, .dash = 10}, {0, 0, 100, 20});
    const Pixels pixels = pixels_of(picture);
    CHECK(pixels.count(blue) == 2 * 80);
    CHECK(pixels.at(10, 4) == blue);
    CHECK(pixels.at(9, 4) == white);
    CHECK(pixels.at(89, 5) == blue);
    CHECK(pixels.at(90, 5) == white);
    CHECK(pixels.at(0, 14) == Color{200, 0, 0});
    CHECK(pixels.at(12, 14) == white);  // 10 of ink, 7 of paper
    CHECK(pixels.at(18, 14) == Color{200, 0, 0});
    CHECK(pixels.count({200, 0, 0}) == 2 * 6 * 10);  // 100 = 5 * 17 + 10 + 5 of paper
}

TEST_CASE("picture: text stands where its alignment says, level or upward") {
    const double width = text_width("Emma", {.size = 20});
    CHECK(width > 40);
    CHECK(width < 90);
    CHECK(text_width("") == 0);
    CHECK(text_width("Emma", {.size = 40}) > 1.8 * width);
    const int w = static_cast<int>(width);
    const auto ink = [&](const TextStyle& style, int x, int y, int columns, int rows) {
        Picture picture(300, 300);
        picture.text({150, 150}, "Emma", style);
        return pixels_of(picture).any_ink(x, y, columns, rows);
    };
    const TextStyle left{.size = 20}, center{.size = 20, .align = Align::center},
        right{.size = 20, .align = Align::right}, upward{.size = 20, .align = Align::center, .upward = true};
    CHECK(ink(left, 150, 140, w, 20));
    CHECK_FALSE(ink(left, 0, 0, 150, 300));
    CHECK(ink(right, 150 - w, 140, w, 20));
    CHECK_FALSE(ink(right, 151, 0, 149, 300));
    CHECK(ink(center, 150 - w / 2, 140, 10, 20));
    CHECK(ink(center, 140 + w / 2, 140, 10, 20));
    CHECK_FALSE(ink(center, 0, 0, 149 - w / 2, 300));
    CHECK_FALSE(ink(center, 0, 0, 300, 138));  // capitals of 15 pixels around the middle
    CHECK_FALSE(ink(center, 0, 162, 300, 138));
    CHECK(ink(upward, 140, 150 - w / 2, 20, 10));
    CHECK(ink(upward, 140, 140 + w / 2, 20, 10));
    CHECK_FALSE(ink(upward, 0, 0, 138, 300));
    CHECK_FALSE(ink(upward, 162, 0, 138, 300));
}

TEST_CASE("picture: every format begins as it should and says what it holds") {
    const Picture picture = sample();
    const std::string png = text_of(picture.png()), svg = text_of(picture.svg()), pdf = text_of(picture.pdf());
    CHECK(png.starts_with("\x89PNG\r\n\x1a\n"));
    CHECK(png.substr(12, 4) == "IHDR");
    CHECK(png.substr(24, 2) == std::string("\x08\x02", 2));  // 8 bits, RGB
    CHECK(svg.find("width=\"120px\" height=\"60px\"") != std::string::npos);
    CHECK(svg.find("viewBox=\"0 0 120 60\"") != std::string::npos);
    // The two rectangles are one path: two moves.
    CHECK(occurrences(svg, "M 10 10 L 30 10 L 30 15 L 10 15 Z M 10 20 L 40 20 L 40 25 L 10 25 Z") == 1);
    CHECK(occurrences(svg, "<use ") >= 9);  // a glyph for each letter
    CHECK(svg.find("<image") == std::string::npos);
    CHECK(svg.find("</svg>") != std::string::npos);
    CHECK(pdf.starts_with("%PDF-"));
    CHECK(pdf.find("/MediaBox [ 0 0 90 45 ]") != std::string::npos);  // 96 pixels are 72 points
    CHECK(pdf.find("/Font") != std::string::npos);
    CHECK(pdf.find("/Image") == std::string::npos);
    CHECK(pdf.find("%%EOF") != std::string::npos);
}

TEST_CASE("picture: whoever looks on may end it anywhere, and what stood there stays") {
    const Picture picture = sample();
    support::TemporaryFolder folder;
    for (const char* ending : {"png", "svg", "pdf"}) {
        const std::filesystem::path path = folder / (std::string("x.") + ending);
        int looks = 0;
        picture.save(path, [&] { ++looks; });
        const std::string whole = support::read_text(path);
        CHECK(looks > 5);  // after each stroke, and each piece of the file
        for (int last = 1; last <= looks; ++last) {
            int left = last;
            CHECK_THROWS_WITH_AS(picture.save(path,
                                              [&] {
                                                  if (--left == 0) tensor::fail("test", "enough");
                                              }),
                                 "[test] enough", tensor::Error);
        }
        CHECK(support::read_text(path) == whole);
    }
    CHECK(folder.files() == 3);
}

TEST_CASE("picture: the same picture gives the same bytes, again and anew, without a date") {
    const Picture one = sample(), two = sample();
    CHECK(one.png() == two.png());
    CHECK(one.png() == one.png());
    CHECK(one.svg() == two.svg());
    CHECK(one.svg() == one.svg());
    CHECK(one.pdf() == two.pdf());
    CHECK(one.pdf() == one.pdf());
    CHECK(text_of(one.pdf()).find("Date") == std::string::npos);
    Picture other = sample();
    other.fill(Rectangle{50, 50, 1, 1}, black);
    CHECK(other.png() != one.png());
    CHECK(other.svg() != one.svg());
    CHECK(other.pdf() != one.pdf());
}

TEST_CASE("picture: the ending chooses the format, and another one is refused by name") {
    const support::TemporaryFolder folder;
    const Picture picture = sample();
    picture.save(folder / "x.png");
    picture.save(folder / "x.svg");
    picture.save(folder / "x.pdf");
    CHECK(io::read_file(folder / "x.png", 1 << 20) == picture.png());
    CHECK(io::read_file(folder / "x.svg", 1 << 20) == picture.svg());
    CHECK(io::read_file(folder / "x.pdf", 1 << 20) == picture.pdf());
    CHECK(folder.files() == 3);
    for (const char* name : {"x.bmp", "x", "png"}) {
        CHECK(support::contains_all(support::message_of([&] { picture.save(folder / name); }),
                                    {name, "expected .png, .svg or .pdf"}));
    }
    CHECK(folder.files() == 3);
    CHECK_THROWS_AS(picture.save(folder.path() / "missing" / "x.png"), tensor::Error);
}

TEST_CASE("picture: impossible sides and texts are refused") {
    CHECK(support::contains_all(support::message_of([] { Picture(0, 10); }), {"0 x 10"}));
    CHECK(support::contains_all(support::message_of([] { Picture(10, -1); }), {"10 x -1"}));
    CHECK(support::contains_all(support::message_of([] { Picture(40'000, 1); }), {"40000 x 1", "32767"}));
    CHECK_THROWS_AS(Picture(30'000, 30'000), tensor::Error);
    CHECK(Picture(32'767, 1).width() == 32'767);
    Picture picture(50, 50);
    picture.text({10, 10}, "\xff\xfe");
    CHECK_THROWS_AS(picture.png(), tensor::Error);
    CHECK_THROWS_AS(picture.svg(), tensor::Error);
    CHECK_THROWS_AS(picture.pdf(), tensor::Error);
}

TEST_CASE("picture: others are placed in one, and stacked below each other, pixel for pixel") {
    Picture small(20, 10), large(30, 5);
    small.fill(Rectangle{2, 3, 4, 5}, {200, 0, 0});
    small.line({{10, 5}, {18, 5}}, {.color = {0, 0, 200}, .width = 2.0}, {0, 0, 20, 10});
    large.fill(Rectangle{29, 4, 1, 1}, {0, 100, 0});
    const Picture both = stacked({small, large});
    CHECK(both.width() == 30);
    CHECK(both.height() == 15);
    const Pixels first = pixels_of(small), second = pixels_of(large), all = pixels_of(both);
    for (int y = 0; y < 15; ++y) {
        for (int x = 0; x < 30; ++x) {
            const Color expected = y >= 10 ? second.at(x, y - 10) : x < 20 ? first.at(x, y) : white;
            CHECK(all.at(x, y) == expected);
        }
    }
    Picture shifted(25, 13);
    shifted.place(small, 5, 3);
    CHECK(pixels_of(shifted).at(5 + 2, 3 + 3) == Color{200, 0, 0});
    CHECK(pixels_of(shifted).at(5 + 1, 3 + 3) == white);
    CHECK_THROWS_AS(stacked({}), tensor::Error);
}

TEST_CASE("picture: tint mixes with white") {
    CHECK(tint({100, 0, 200}, 1.0) == Color{100, 0, 200});
    CHECK(tint({100, 0, 200}, 0.0) == white);
    CHECK(tint({55, 155, 255}, 0.5) == Color{155, 205, 255});
}

TEST_CASE("picture: helper that leaves the sample at $MUSEGAN_SAMPLE" * doctest::skip()) {
    sample().save(std::getenv("MUSEGAN_SAMPLE"));
}

TEST_CASE("picture: on a machine without any font all of this holds, with other letters") {
    const support::TemporaryFolder folder;
    support::write_text(folder / "fonts.conf", "<?xml version=\"1.0\"?>\n<fontconfig></fontconfig>\n");
    const support::Outcome outcome = support::shell(
        "FONTCONFIG_FILE=" + support::quoted(folder / "fonts.conf") + " MUSEGAN_SAMPLE=" +
        support::quoted(folder / "x.png") + " " + support::quoted(std::filesystem::read_symlink("/proc/self/exe")) +
        " --no-skip -tc='picture: text stands*,picture: every format*,picture: the same*,picture: helper*' 2>&1");
    CAPTURE(outcome.output);
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.says("4 passed"));
    const Pixels strokes = support::decode_png(io::read_file(folder / "x.png", 1 << 20));
    CHECK(strokes.any_ink(60, 5, 55, 20));
    CHECK(strokes.colors != pixels_of(sample()).colors);
}
