#include "musegan/figures/flame.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "musegan/figures/palette.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/png.hpp"

using namespace musegan;
using support::contains_all;
using support::message_of;
using support::Pixels;

namespace {

Pixels pixels_of(const Flame& flame) { return support::decode_png(flame_picture(flame).png()); }

/// Two phases of 300 and 100 ms in one update, the first with two layers, without a title: its rows begin 12 pixels
/// below the top, and a millisecond is two pixels wide.
Flame small() {
    return {.title = "",
            .root = "whole",
            .stacks = {{{"update", "first", "a"}, 200}, {{"update", "second"}, 100}, {{"update", "first", "b"}, 100}},
            .width = 800 + 24};
}
constexpr int row = 22, top = 12, left = 12;

/// The colour at the bottom of a row, where no letters are, `x` pixels right of the left edge.
Color at(const Pixels& pixels, int x, int depth) { return pixels.at(left + x, top + depth * row + row - 2); }

}  // namespace

TEST_CASE("flame: parts are as wide as their share, side by side in order, within what they are part of") {
    const Pixels pixels = pixels_of(small());
    CHECK(at(pixels, 0, 0) == at(pixels, 798, 0));
    CHECK(at(pixels, 0, 0) != white);
    CHECK(at(pixels, 798, 1) != white);
    // The first phase is joined from two stacks and takes 600 of 800 pixels.
    for (const int x : {0, 400, 598}) CHECK(at(pixels, x, 2) == palette[0]);
    CHECK(at(pixels, 599, 2) == white);  // the gap
    for (const int x : {600, 798}) CHECK(at(pixels, x, 2) == palette[1]);
    // Its layers are paler, and below the second phase is nothing.
    CHECK(at(pixels, 0, 3) == at(pixels, 598, 3));
    CHECK(at(pixels, 0, 3) != palette[0]);
    CHECK(at(pixels, 399, 3) == white);
    CHECK(at(pixels, 400, 3) == at(pixels, 0, 3));
    CHECK(at(pixels, 700, 3) == white);
    CHECK(pixels.width == 824);
}

TEST_CASE("flame: colours go by the order of the parts, not by their times, or as they are told") {
    Flame flame = small();
    std::swap(flame.stacks[0].milliseconds, flame.stacks[1].milliseconds);
    Pixels pixels = pixels_of(flame);
    CHECK(at(pixels, 0, 2) == palette[0]);
    CHECK(at(pixels, 798, 2) == palette[1]);
    flame.colors = {{"first", {1, 2, 3}}};
    pixels = pixels_of(flame);
    CHECK(at(pixels, 0, 2) == Color{1, 2, 3});
    CHECK(at(pixels, 798, 2) == palette[0]);  // the first that has none of its own
    // The legend has a square of each colour: 12 by 12 pixels.
    CHECK(pixels.count({1, 2, 3}) > 144);
}

TEST_CASE("flame: names stand where there is room, and none reaches out of its part") {
    Flame flame = small();
    const auto ink_beside = [&](const Pixels& pixels, int from, int to, int depth, Color ground) {
        int count = 0;
        for (int x = from; x < to; ++x)
            for (int y = 0; y < row - 1; ++y) count += pixels.at(left + x, top + depth * row + y) != ground;
        return count;
    };
    Pixels pixels = pixels_of(flame);
    CHECK(ink_beside(pixels, 0, 599, 2, palette[0]) > 20);
    CHECK(ink_beside(pixels, 600, 799, 2, palette[1]) > 20);
    // Two pixels of a phase with a long name: no letter.
    flame.stacks = {{{"update", "first with a long name"}, 1}, {{"update", "second"}, 399}};
    pixels = pixels_of(flame);
    CHECK(ink_beside(pixels, 0, 2, 2, palette[0]) == 0);
    CHECK(at(pixels, 0, 2) == palette[0]);
    // Whatever the width, letters end inside.
    for (int width = 8; width < 120; width += 7) {
        flame.stacks = {{{"update", "first.with, a long name"}, width / 2.0},
                        {{"update", "second"}, 400 - width / 2.0}};
        pixels = pixels_of(flame);
        for (int y = 0; y < row - 1; ++y) {
            CHECK(pixels.at(left + width - 1, top + 2 * row + y) == white);
            CHECK(pixels.at(left + width - 2, top + 2 * row + y) == palette[0]);
        }
    }
}

TEST_CASE("flame: thousands of parts, and parts of no time, are drawn as far as they can be seen") {
    Flame flame{.title = "Many", .root = "whole", .stacks = {}};
    for (int k = 0; k < 3000; ++k)
        flame.stacks.push_back({{"u", "p", fmt::format("layer {}", k)}, k % 3 == 0 ? 1.0 : 0.0});
    CHECK(flame_picture(flame).width() == 900);
    flame.stacks.clear();
    CHECK(pixels_of(flame).any_ink(0, 0, 900, 40));  // nothing was measured, in words
    flame.stacks = {{{"u", "p"}, 0.0}};
    CHECK(pixels_of(flame).any_ink(0, 0, 900, 40));
    flame.stacks = {{{}, 1.0}};
    CHECK(pixels_of(flame).any_ink(0, 0, 900, 40));
}

TEST_CASE("flame: the same input gives the same bytes, and impossible input is refused") {
    CHECK(flame_picture(small()).png() == flame_picture(small()).png());
    CHECK(flame_picture(small()).svg() == flame_picture(small()).svg());
    Flame flame = small();
    flame.stacks[1].milliseconds = -1;
    CHECK(contains_all(message_of([&] { flame_picture(flame); }), {"flame", "update, second", "-1 ms"}));
    flame.stacks[1].milliseconds = std::numeric_limits<double>::infinity();
    CHECK(contains_all(message_of([&] { flame_picture(flame); }), {"inf ms"}));
    flame = small();
    flame.width = 100;
    CHECK(contains_all(message_of([&] { flame_picture(flame); }), {"100 pixels", "at least 200"}));
}
