#include "musegan/figures/figures.hpp"

#include <doctest/doctest.h>

#include <string>

#include "musegan/figures/roll_panel.hpp"
#include "musegan/phrase/grid.hpp"
#include "musegan/phrase/roll_bars.hpp"
#include "tensor/error.hpp"
#include "tests/support/png.hpp"

using namespace musegan;
using support::Pixels;

namespace {

Pixels pixels_of(const Picture& picture) { return support::decode_png(picture.png()); }

Color color_of(int track) { return tracks[static_cast<std::size_t>(track)].color; }

/// Pixels of a colour from column `left` and row `top` on: without the legend.
std::int64_t count_from(const Pixels& pixels, int left, int top, Color color) {
    std::int64_t n = 0;
    for (int y = top; y < pixels.height; ++y)
        for (int x = left; x < pixels.width; ++x) n += pixels.at(x, y) == color;
    return n;
}

const RollStyle bare{1, 1, false, ""};

}  // namespace

TEST_CASE("figures: each track's cells stand in its own panel, in figure order, pitch up and time right") {
    PianoRoll roll(paper_shape, paper_shape.steps());
    for (int track = 0; track < n_tracks; ++track) roll.set_run(10, 13, 20 + track, track);
    const Pixels pixels = pixels_of(tracks_figure(roll, bare));
    CHECK(pixels.width == 386);
    CHECK(pixels.height == 5 * 85 + 1);  // panels share their frames
    for (int panel = 0; panel < n_tracks; ++panel) {
        const int track = figure_order[static_cast<std::size_t>(panel)];
        CAPTURE(track);
        const int y = panel * 85 + 1 + (83 - 20 - track);
        const int width = is_drums(track) ? 5 : 3;  // a drum hit is drawn three wide
        CHECK(pixels.at(11, y) == color_of(track));
        CHECK(pixels.at(10, y) != color_of(track));
        CHECK(pixels.at(11 + width - 1, y) == color_of(track));
        CHECK(pixels.count(color_of(track)) == width);
    }
}

TEST_CASE("figures: cells scale, and the last step and highest pitch lie inside the frame") {
    PianoRoll roll(paper_shape, paper_shape.steps_per_bar());
    roll.set(95, 83, 0);
    roll.set(0, 0, 0);
    roll.set(95, 83, 1);
    const Pixels pixels = pixels_of(tracks_figure(roll, {3, 4, false, ""}));
    CHECK(pixels.width == 96 * 3 + 2);
    CHECK(pixels.count(color_of(0)) == 2 * 12);
    CHECK(pixels.at(288, 1) == color_of(0));
    CHECK(pixels.at(286, 4) == color_of(0));
    CHECK(pixels.at(1, 84 * 4) == color_of(0));
    CHECK(pixels.count(color_of(1)) == 12);
    CHECK(pixels_of(tracks_figure(roll, {1, 1, false, ""})).count(color_of(1)) == 1);  // no wider than the panel
}

TEST_CASE("figures: bar lines are darker than beat lines, and those darker than paper, and middle C is marked") {
    const Pixels pixels = pixels_of(tracks_figure(PianoRoll(paper_shape, paper_shape.steps()), bare));
    const int y = 40;
    const Color bar = pixels.at(1 + 96, y), beat = pixels.at(1 + 24, y), paper = pixels.at(1 + 30, y);
    CHECK(bar[0] < beat[0]);
    CHECK(beat[0] < paper[0]);
    CHECK(paper == white);
    const auto line_of = [&](int midi) { return pixels.at(1 + 30, 1 + 83 - (midi - paper_shape.lowest_pitch)); };
    CHECK(line_of(60)[0] < line_of(48)[0]);
    CHECK(line_of(48)[0] < 255);
    CHECK(line_of(72) == line_of(48));
    CHECK(line_of(61) == white);
}

TEST_CASE("figures: overlapping tracks multiply their colours, channel by channel") {
    PianoRoll roll(paper_shape, paper_shape.steps());
    roll.set_run(50, 54, 40, 0);
    roll.set_run(52, 58, 40, 4);
    for (const int track : {0, 1, 2, 3, 4}) roll.set(60, 40, track);
    roll.set(52, 41, 2);  // another pitch: no overlap
    const Pixels pixels = pixels_of(overlay_figure(roll, bare));
    const int y = 1 + 83 - 40;
    for (const int step : {50, 51}) CHECK(pixels.at(1 + step, y) == color_of(0));
    for (const int step : {54, 55, 56, 57}) CHECK(pixels.at(1 + step, y) == color_of(4));
    // Bass (0, 183, 210) times strings (43, 92, 214): (183 * 92 + 127) / 255 = 66, (210 * 214 + 127) / 255 = 176.
    for (const int step : {52, 53}) CHECK(pixels.at(1 + step, y) == Color{0, 66, 176});
    CHECK(pixels.at(1 + 52, y - 1) == color_of(2));
    const Color all = pixels.at(1 + 60, y);
    for (const std::uint8_t channel : all) CHECK(channel < 16);  // all five: black
    CHECK(all == ink_of(31));
    CHECK(ink_of(0) == white);
    CHECK(ink_of(1u << 3) == color_of(3));
}

TEST_CASE("figures: runs are cut where the set of sounding tracks changes") {
    const std::vector<Run> runs{{0, 10, 5, 0}, {2, 6, 5, 1}, {4, 10, 5, 2}, {10, 12, 5, 1}, {0, 3, 4, 3}};
    CHECK(blends_of(runs) ==
          std::vector<Blend>{{0, 3, 4, 8}, {0, 2, 5, 1}, {2, 4, 5, 3}, {4, 6, 5, 7}, {6, 10, 5, 5}, {10, 12, 5, 2}});
    CHECK(blends_of({}).empty());
}

TEST_CASE("figures: grids and evolutions have a place for every phrase, and sizes are checked") {
    PackedPhrases phrases;
    for (int k = 0; k < 5; ++k) {
        PianoRoll roll(paper_shape, paper_shape.steps());
        for (int n = 0; n <= k; ++n) roll.set(4 * n + 2, 50, 3);
        phrases.append(roll.bits());
    }
    constexpr int legend = 27, caption = 16;
    const Pixels grid = pixels_of(grid_figure(phrases, 3, Layout::overlay, {"a", "b", "c", "d", "e"}, bare));
    CHECK(count_from(grid, 0, legend, color_of(3)) == 15);
    CHECK(grid.width == 10 + 3 * 396);
    for (int track = 0; track < n_tracks; ++track) CHECK(grid.count(color_of(track)) >= 14 * 8);  // the legend
    CHECK(grid.any_ink(11, 32, 12, caption));                                                     // the first caption
    CHECK_FALSE(grid.any_ink(11 + 2 * 396, 32 + 86 + 26, 384, 86 + caption));                     // no sixth phrase
    CHECK(grid_figure(phrases, 2, Layout::stacked, {}, bare).height() >
          grid_figure(phrases, 5, Layout::stacked, {}, bare).height());
    CHECK_THROWS_AS(grid_figure(phrases, 0, Layout::overlay), tensor::Error);
    CHECK_THROWS_AS(grid_figure(phrases, 2, Layout::overlay, {"one"}), tensor::Error);
    CHECK_THROWS_AS(grid_figure(PackedPhrases{}, 2, Layout::overlay), tensor::Error);
    CHECK_THROWS_AS(tracks_figure(PianoRoll(paper_shape, 0)), tensor::Error);
    CHECK_THROWS_AS(tracks_figure(PianoRoll(paper_shape, 96), {0, 1, false, ""}), tensor::Error);
    CHECK_THROWS_AS(tracks_figure(PianoRoll(paper_shape, max_bars * paper_shape.steps_per_bar())), tensor::Error);

    PackedPhrases one, two;
    one.append(phrases.view().first(1).bits());
    two.append(phrases.view().first(2).bits());
    const Pixels evolution = pixels_of(evolution_figure({{"step 0", two}, {"step 9", two}, {"step 10", two}}));
    constexpr int names = 26;
    CHECK(count_from(evolution, names, 0, color_of(3)) == 9);
    CHECK(evolution.any_ink(27 + 396, 10, 40, caption));  // "step 9"
    CHECK_FALSE(evolution.any_ink(100, 10, 200, caption));
    for (const int panel : {0, 4}) CHECK(evolution.any_ink(4, 26 + panel * 85, 14, 85));
    CHECK_THROWS_AS(evolution_figure({}), tensor::Error);
    CHECK_THROWS_AS(evolution_figure({{"step 0", two}, {"step 1", one}}), tensor::Error);
    const PackedPhrases coarse = reduce(two, 12);
    CHECK_THROWS_WITH_AS(evolution_figure({{"step 0", two}, {"step 1", coarse}}),
                         doctest::Contains("12 steps per beat"), tensor::Error);
}

TEST_CASE("figures: names, pitches, bars and the title stand where they belong") {
    PianoRoll roll(paper_shape, paper_shape.steps());
    roll.set_run(5, 50, 40, 2);
    const Pixels plain = pixels_of(tracks_figure(roll, {1, 1, false, "a title"}));
    const Picture labelled = tracks_figure(roll, {1, 2, true, "a title"});
    const Pixels pixels = pixels_of(labelled);
    CHECK(pixels.width > plain.width);
    CHECK(plain.any_ink(4, 0, 60, 26));
    const RollPanel bass{paper_shape, 52, 8 + 26, paper_shape.steps(), 1, 2};
    CHECK(pixels.at(bass.x, bass.y) == Color{60, 60, 60});
    CHECK(pixels.any_ink(bass.x, 2, 60, 24));  // the title
    for (int panel = 0; panel < n_tracks; ++panel) {
        const int track = figure_order[static_cast<std::size_t>(panel)];
        const int top = bass.y + panel * (bass.height() + 8);
        CHECK(pixels.at(18, top + 3) == color_of(track));
        CHECK(pixels.any_ink(2, top + bass.height() / 2 - 10, 14, 20));  // the name
        for (int pitch = 0; pitch < paper_shape.pitches; pitch += 12)
            CHECK(pixels.any_ink(34, bass.y_of(pitch) + top - bass.y - 3, 12, 7));  // C1 to C7
    }
    const int bars = bass.y + 5 * bass.height() + 4 * 8 + 4;
    for (int bar = 0; bar < paper_shape.bars; ++bar) {
        CHECK(pixels.any_ink(bass.x_of(96 * bar) + 36, bars, 26, 12));
        CHECK_FALSE(pixels.any_ink(bass.x_of(96 * bar) + 2, bars, 26, 12));
    }
    CHECK(pixels.height == bars - 4 + 22);
    // Half as high, there is room for C2, C4 and C6 alone.
    const Pixels low = pixels_of(tracks_figure(roll, {1, 1, true, ""}));
    const RollPanel panel{paper_shape, 52, 8, paper_shape.steps(), 1, 1};
    CHECK(low.any_ink(34, panel.y_of(36) - 3, 12, 7));
    CHECK_FALSE(low.any_ink(34, panel.y_of(24) - 1, 12, 3));

    CHECK(tracks_figure(roll, {1, 2, true, "a title"}).png() == labelled.png());
    CHECK(tracks_figure(roll, {1, 2, true, "b title"}).png() != labelled.png());
}

TEST_CASE("figures: a bar is as wide on every grid, and a step of a coarser one as wide as the finest steps in it") {
    for (const int steps : {4, 8, 12}) {
        CAPTURE(steps);
        const PhraseShape shape = paper_shape.on_grid(steps);
        PianoRoll roll(shape, shape.steps());
        roll.set_run(0, 2, 40, 3);
        roll.set(2, 30, 1);
        const Picture picture = tracks_figure(roll, bare);
        CHECK(picture.width() == 386);
        const Pixels pixels = pixels_of(picture);
        CHECK(pixels.count(color_of(3)) == 2 * 24 / steps);
        CHECK(pixels.count(color_of(1)) == 3);  // a hit is as wide on every grid
    }
}

TEST_CASE("figures: overlaid hits are as narrow as stacked ones, stay apart on every grid, and never overlap") {
    const PhraseShape coarse = paper_shape.on_grid(4);
    PianoRoll roll(coarse, coarse.steps());
    for (const int step : {0, 1, 2, 5}) roll.set(step, 30, 1);
    roll.set_run(0, 4, 30, 0);
    const Pixels pixels = pixels_of(overlay_figure(roll, bare));
    const int y = 1 + 83 - 30;
    for (const int step : {0, 1, 2, 5}) {
        CAPTURE(step);
        const Color hit = step < 4 ? ink_of(3) : color_of(1);
        for (const int x : {0, 1, 2}) CHECK(pixels.at(1 + 6 * step + x, y) == hit);
        CHECK(pixels.at(1 + 6 * step + 3, y) == (step < 4 ? color_of(0) : white));
    }
    // On the finest grid, three pixels of a hit reach over the next one.
    PianoRoll fine(paper_shape, paper_shape.steps());
    for (const int step : {10, 12, 20}) fine.set(step, 30, 1);
    const Pixels close = pixels_of(overlay_figure(fine, bare));
    CHECK(close.count(color_of(1)) == 2 + 3 + 3);
    CHECK(close.at(1 + 12, y) == color_of(1));
    CHECK(close.at(1 + 15, y) != color_of(1));
}

TEST_CASE("figures: a grid has its title above all, its axes at the edges, and room for its legend") {
    PackedPhrases phrases{PhraseShape{.bars = 1}, {}};
    for (int k = 0; k < 3; ++k) phrases.append(PianoRoll(phrases.shape, phrases.shape.steps()).bits());
    const Pixels plain = pixels_of(grid_figure(phrases, 2, Layout::overlay, {}, bare));
    const Pixels labelled = pixels_of(grid_figure(phrases, 2, Layout::overlay, {}, {1, 1, true, "A title"}));
    constexpr int title = 28, pitch_axis = 26, bar_axis = 16 - 5, legend = 22, gap = 10, cell = 86;
    CHECK(labelled.height == plain.height + title + bar_axis);
    CHECK(labelled.any_ink(12, 4, 50, 20));
    for (const int row : {0, 1})
        CHECK(labelled.any_ink(10, title + legend + gap + row * (cell + gap), pitch_axis - 4, cell));
    const int left = pitch_axis + gap, second = left + 98 + gap;
    CHECK_FALSE(labelled.any_ink(second - gap, title + legend + gap, gap, cell));  // no pitches between the cells
    CHECK(labelled.any_ink(left + 30, title + legend + gap + 2 * cell + gap + 4, 40, 12));  // "bar 1"
    CHECK(labelled.any_ink(second + 30, title + legend + gap + cell + 4, 40, 12));          // where no phrase is below
    CHECK_FALSE(labelled.any_ink(left + 30, title + legend + gap + cell, 40, gap));
    // All five names fit, however narrow the phrases are.
    for (const int columns : {1, 3}) {
        const Pixels narrow = pixels_of(grid_figure(phrases, columns, Layout::overlay, {}, bare));
        for (const int track : figure_order) CHECK(narrow.count(color_of(track)) == 14 * 8);
        CHECK_FALSE(narrow.any_ink(narrow.width - 4, 0, 4, legend + gap / 2));
    }
    const Pixels one = pixels_of(overlay_figure(phrases.view().roll(0), {1, 1, true, ""}));
    for (const int track : figure_order) CHECK(one.count(color_of(track)) == 14 * 8);
}

TEST_CASE("figures: bars have the numbers that they have in the song") {
    const PianoRoll roll(paper_shape, paper_shape.steps_per_bar());
    const auto bar_label = [&](std::int64_t before) {
        const Pixels pixels = pixels_of(tracks_figure(roll, {1, 1, true, "", before}));
        std::vector<Color> ink;
        for (int y = pixels.height - 22; y < pixels.height; ++y)
            for (int x = 52; x < pixels.width; ++x) ink.push_back(pixels.at(x, y));
        return ink;
    };
    CHECK(bar_label(0) == bar_label(0));
    CHECK(bar_label(0) != bar_label(6));
    CHECK(bar_label(1) != bar_label(6));
}

TEST_CASE("figures: a long roll is broken into lines, with the numbers of their bars and one title") {
    constexpr std::int64_t bar = paper_shape.steps_per_bar();
    PianoRoll roll(paper_shape, 5 * bar);
    for (int k = 0; k < 5; ++k) roll.set_run(k * bar, k * bar + 10 + k, 40, 2);
    for (const Layout layout : {Layout::stacked, Layout::overlay}) {
        const auto figure_of = [&](std::int64_t begin, std::int64_t end, const char* title) {
            const RollStyle style{1, 1, true, title, 7 + begin};
            const PianoRoll part = bars_of(roll, begin, end);
            return layout == Layout::stacked ? tracks_figure(part, style) : overlay_figure(part, style);
        };
        const Pixels lines = pixels_of(lines_figure(roll, layout, 2, {1, 1, true, "title", 7}));
        const Picture first = figure_of(0, 2, "title");
        int top = 0;
        for (const Picture& line : {first, figure_of(2, 4, ""), figure_of(4, 5, "")}) {
            const Pixels expected = pixels_of(line);
            for (int y = 0; y < expected.height; ++y)
                for (int x = 0; x < expected.width; ++x) REQUIRE(lines.at(x, y + top) == expected.at(x, y));
            top += expected.height;
        }
        CHECK(lines.height == top);
        CHECK(lines_figure(roll, layout, 100, {1, 1, true, "title", 7}).png() == figure_of(0, 5, "title").png());
        const RollStyle wide{30, 4, true, "title"};
        const std::int64_t most = most_bars_in_lines(paper_shape, layout, 100, wide);
        CHECK(most == 11 * (layout == Layout::stacked ? 4 : 20));  // pixels in all are what bounds them
        CHECK_NOTHROW(lines_figure(PianoRoll(paper_shape, most * bar), layout, 100, wide));
        CHECK_THROWS_AS(lines_figure(PianoRoll(paper_shape, (most + 33) * bar), layout, 100, wide), tensor::Error);
        CHECK(most_bars_in_lines(paper_shape, layout, 1, {2, 2, true, ""}) ==
              32767 / lines_figure(PianoRoll(paper_shape, bar), layout, 1).height());
    }
    CHECK_THROWS_AS(lines_figure(PianoRoll(), Layout::overlay, 4), tensor::Error);
}

TEST_CASE("figures: an evolution can be overlaid, with a legend") {
    PackedPhrases phrases;
    PianoRoll roll(paper_shape, paper_shape.steps());
    roll.set_run(50, 54, 40, 0);
    roll.set_run(50, 54, 40, 4);
    phrases.append(roll.bits());
    const Pixels pixels =
        pixels_of(evolution_figure({{"step 0", phrases}, {"step 7", phrases}}, bare, Layout::overlay));
    CHECK(pixels.count(ink_of(1 | 1 << 4)) == 2 * 4);
    CHECK(pixels.count(color_of(0)) == 14 * 8);
    CHECK(pixels.height < pixels_of(evolution_figure({{"step 0", phrases}}, bare)).height);
    CHECK(pixels_of(evolution_figure({{"step 0", phrases}}, {1, 1, false, "T"})).height ==
          pixels_of(evolution_figure({{"step 0", phrases}}, bare)).height + 28);
}

TEST_CASE("figures: a run is one rectangle of an SVG") {
    PianoRoll roll(paper_shape, paper_shape.steps_per_bar());
    roll.set_run(10, 60, 40, 0);
    const std::vector<std::uint8_t> bytes = tracks_figure(roll, bare).svg();
    const std::string svg(bytes.begin(), bytes.end());
    CHECK(svg.find("M 11 44 L 61 44 L 61 45 L 11 45 Z") != std::string::npos);
    // Cairo gives colours in percent: (0, 183, 210) / 255.
    CHECK(svg.find("rgb(0%,71.764706%,82.352941%)") != std::string::npos);
}

TEST_CASE("figures: the most bars of a roll fit into one, and one more does not") {
    const RollStyle wide{30, 1, true, "title"};
    for (const int grid : {24, 4}) {
        const PhraseShape shape = paper_shape.on_grid(grid);
        CHECK(most_bars(shape, {}) == 169);  // of 192 pixels
        const std::int64_t bars = most_bars(shape, wide);
        CHECK(bars == 11);
        CHECK_NOTHROW(tracks_figure(PianoRoll(shape, bars * shape.steps_per_bar()), wide));
        CHECK_THROWS_AS(tracks_figure(PianoRoll(shape, (bars + 1) * shape.steps_per_bar()), wide), tensor::Error);
    }
}
