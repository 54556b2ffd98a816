#include "musegan/figures/roofline.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "musegan/figures/palette.hpp"
#include "musegan/figures/roofline_content.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/png.hpp"

using namespace musegan;
using support::contains_all;
using support::message_of;
using support::Pixels;

namespace {

Pixels pixels_of(const Roofline& roofline) { return support::decode_png(roofline_picture(roofline).png()); }

Roofline example() {
    return {
        .title = "Title",
        .ceilings = {{"f32 products", 100}},
        .slopes = {{"copies", 10}},
        .dots = {{"large", "products", 100, 50, 0.5}, {"small", "copies", 1, 5, 0.1}, {"none", "copies", 0, 0, 0.4}},
        .caption = "What a dot is."};
}

struct Extent {
    int left = 1 << 20, right = -1, top = 1 << 20, bottom = -1;
    int width() const { return right - left + 1; }
    int height() const { return bottom - top + 1; }
    double x() const { return (left + right + 1) / 2.0; }
    double y() const { return (top + bottom + 1) / 2.0; }
};

/// Where `color` is in rows from `from` on, below the legend.
Extent extent_of(const Pixels& pixels, Color color, int from = 85) {
    Extent extent;
    for (int y = from; y < pixels.height; ++y)
        for (int x = 0; x < pixels.width; ++x)
            if (pixels.at(x, y) == color) {
                extent.left = std::min(extent.left, x);
                extent.right = std::max(extent.right, x);
                extent.top = std::min(extent.top, y);
                extent.bottom = std::max(extent.bottom, y);
            }
    return extent;
}

}  // namespace

TEST_CASE("roofline: dots stand where their values are, as large as their share") {
    Roofline roofline = example();
    // Three dots of three groups a decade apart along both axes: their middles are as far apart on paper.
    roofline.dots = {{"", "a", 1, 1, 0.4}, {"", "b", 10, 10, 0.1}, {"", "c", 100, 100, 0.1}};
    roofline.ceilings.clear();
    roofline.slopes.clear();
    roofline.labels = 0;
    const Pixels pixels = pixels_of(roofline);
    const Extent a = extent_of(pixels, palette[0]), b = extent_of(pixels, palette[1]),
                 c = extent_of(pixels, palette[2]);
    CHECK(b.x() - a.x() == doctest::Approx(c.x() - b.x()).epsilon(0.02));
    CHECK(a.y() - b.y() == doctest::Approx(b.y() - c.y()).epsilon(0.02));
    CHECK(b.x() > a.x());
    CHECK(b.y() < a.y());
    CHECK(std::abs(a.width() - 2 * b.width()) <= 2);  // four times the area
    CHECK(std::abs(a.width() - a.height()) <= 1);
}

TEST_CASE("roofline: a ceiling begins where the slope meets it") {
    Roofline roofline = example();
    roofline.labels = 0;
    roofline.dots = {{"", "a", 10, 100, 0.4}};  // the very corner
    const Pixels pixels = pixels_of(roofline);
    const Extent dot = extent_of(pixels, palette[0]);
    const int y = static_cast<int>(std::lround(dot.y()));
    const auto has_roof = [&](int x, int row) {
        for (int k = row - 2; k <= row + 2; ++k)
            if (pixels.at(x, k)[0] < 120) return true;
        return false;
    };
    for (int x = dot.right + 4; x < 880; x += 10) CHECK(has_roof(x, y));
    for (int x = dot.left - 12; x > 100; x -= 10) CHECK_FALSE(has_roof(x, y));
    // The slope rises by a decade where it goes a decade to the right: it lies left below the corner.
    int below = 0;
    for (int x = 70; x < dot.left; ++x)
        for (int row = dot.bottom + 3; row < pixels.height - 80; ++row) below += pixels.at(x, row)[0] < 120;
    CHECK(below > 200);
}

TEST_CASE("roofline: the largest dots have their names beside them") {
    Roofline roofline = example();
    roofline.labels = 0;
    const Pixels bare = pixels_of(roofline);
    roofline.labels = 1;
    const Pixels named = pixels_of(roofline);
    const Extent dot = extent_of(bare, palette[0]);
    int near = 0, elsewhere = 0;
    for (int y = 0; y < bare.height; ++y)
        for (int x = 0; x < bare.width; ++x)
            if (bare.at(x, y) != named.at(x, y))
                (std::abs(y - dot.y()) < 30 && std::abs(x - dot.x()) < 80 ? near : elsewhere) += 1;
    CHECK(near > 40);
    CHECK(elsewhere == 0);
}

TEST_CASE("roofline: names never cover dots, however many there are") {
    Roofline roofline = example();
    roofline.ceilings.push_back({"tf32", 300});
    roofline.dots.clear();
    for (int k = 0; k < 60; ++k)
        roofline.dots.push_back({fmt::format("critic.layer{}.with.a.long.name", k), fmt::format("group {}", k % 5),
                                 20 + 2.0 * (k % 11), 40 + 3.0 * (k % 7), 1 / 60.0});
    roofline.labels = 0;
    const Pixels bare = pixels_of(roofline);
    roofline.labels = 60;
    const Pixels named = pixels_of(roofline);
    // Text is dark grey; lines to names and their ends may lie on dots, letters may not.
    const Color letters{30, 30, 30};
    int covered = 0, text = 0;
    for (int y = 0; y < bare.height; ++y)
        for (int x = 0; x < bare.width; ++x) {
            if (named.at(x, y) != letters) continue;
            ++text;
            for (std::size_t k = 0; k < 5; ++k) covered += bare.at(x, y) == palette[k];
        }
    CHECK(text > 100);
    CHECK(covered == 0);
}

TEST_CASE("roofline: what cannot be drawn is said below, and an empty one says so") {
    Roofline roofline = example();
    const Pixels full = pixels_of(roofline);
    CHECK(full.any_ink(60, full.height - 24, 500, 20));  // "Not drawn, ..."
    roofline.dots.pop_back();
    const Pixels rest = pixels_of(roofline);
    CHECK(extent_of(rest, palette[0]).bottom > extent_of(full, palette[0]).bottom);  // one line of notes less
    roofline.dots.clear();
    roofline.caption.clear();
    CHECK(pixels_of(roofline).any_ink(300, 300, 300, 260));
    CHECK_NOTHROW(roofline_picture(Roofline{}));
    // Roofs that are not known are left out.
    roofline.ceilings = {{"unknown", 0}};
    roofline.slopes = {{"unknown", 0}};
    CHECK_NOTHROW(roofline_picture(roofline));
}

TEST_CASE("roofline: dots that are left out are counted by what they are") {
    Roofline roofline = example();
    roofline.dots.push_back({"tiny", "products", 10, 10, 0.0009});
    roofline.dots.push_back({"slow", "products", 10, 0.009, 0.005});
    roofline.dots.push_back({"slow, but long", "products", 10, 0.009, 0.02});
    const RooflineContent content(roofline);
    CHECK(content.left_out() ==
          "Not drawn, with their shares of the time: 1 without arithmetic (40.0 %), 1 of less than 0.1 % each (0.1 %), "
          "1 too slow to be seen (0.5 %).");
    REQUIRE(content.dots.size() == 3);
    CHECK(content.dots[0].name == "large");
    CHECK(content.dots[2].name == "slow, but long");
    CHECK(content.legend().size() == 2);
    CHECK(content.legend()[0].share == doctest::Approx(0.52));
    CHECK(content.color_of("copies") == palette[1]);
    CHECK(RooflineContent(Roofline{}).left_out().empty());
}

TEST_CASE("roofline: the tenth group and further ones are grey") {
    Roofline roofline = example();
    roofline.dots.clear();
    for (int k = 0; k < 12; ++k)
        roofline.dots.push_back({"", fmt::format("group {}", k), 1.0 + k, 10, k < 9 ? 0.1 : 0.01});
    roofline.labels = 0;
    const Pixels pixels = pixels_of(roofline);
    for (const Color& color : palette) CHECK(pixels.count(color) > 100);
    CHECK(pixels.count(other_color) > 100);
}

TEST_CASE("roofline: the same input gives the same bytes, and impossible input is refused") {
    CHECK(roofline_picture(example()).png() == roofline_picture(example()).png());
    CHECK(roofline_picture(example()).svg() == roofline_picture(example()).svg());
    const auto refusal = [](auto change) {
        Roofline roofline = example();
        change(roofline);
        return message_of([&] { roofline_picture(roofline); });
    };
    CHECK(contains_all(refusal([](Roofline& r) { r.width = 300; }), {"roofline", "300 x 620", "400 x 300"}));
    CHECK(contains_all(refusal([](Roofline& r) { r.dots[0].gflops = NAN; }), {"'large' has nan GFLOP/s"}));
    CHECK(contains_all(refusal([](Roofline& r) { r.dots[1].intensity = -1; }), {"'small' has -1 FLOP per byte"}));
    CHECK(contains_all(refusal([](Roofline& r) { r.dots[1].share = INFINITY; }), {"'small'", "of the time"}));
    CHECK(contains_all(refusal([](Roofline& r) { r.ceilings[0].gflops = -2; }), {"'f32 products' has -2"}));
    CHECK(contains_all(refusal([](Roofline& r) { r.slopes[0].gb_s = NAN; }), {"'copies' has nan GB/s"}));
    CHECK(contains_all(refusal([](Roofline& r) {
                           r.height = 300;
                           r.caption = std::string(2000, ' ');
                           for (char& c : r.caption) c = (&c - r.caption.data()) % 8 == 7 ? ' ' : 'x';
                       }),
                       {"leave", "at least 100"}));
}
