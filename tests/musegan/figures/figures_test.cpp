#include "musegan/figures/figures.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "musegan/figures/canvas.hpp"
#include "musegan/figures/chart.hpp"
#include "musegan/figures/font.hpp"
#include "tensor/error.hpp"

using namespace musegan;

namespace {

Color pixel(const io::Image& image, int x, int y) {
    const std::uint8_t* const p = image.pixel(x, y);
    return {p[0], p[1], p[2]};
}

Color color_of(int track) { return tracks[static_cast<std::size_t>(track)].color; }

std::int64_t count(const io::Image& image, Color color) {
    std::int64_t n = 0;
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) n += pixel(image, x, y) == color;
    }
    return n;
}

const RollStyle bare{1, 1, false, ""};

}  // namespace

TEST_CASE("figures: each track's cells stand in its own panel, in figure order, pitch up and time right") {
    PianoRoll roll(steps_per_phrase);
    for (int track = 0; track < n_tracks; ++track) roll.set_run(10, 13, 20 + track, track);
    const io::Image image = tracks_figure(roll, bare);
    CHECK(image.width == 386);
    CHECK(image.height == 5 * 85 + 1);  // panels share their frames
    for (int panel = 0; panel < n_tracks; ++panel) {
        const int track = figure_order[static_cast<std::size_t>(panel)];
        CAPTURE(track);
        const int y = panel * 85 + 1 + (83 - 20 - track);
        const int width = is_drums(track) ? 5 : 3;  // a drum hit is drawn three wide
        CHECK(pixel(image, 11, y) == color_of(track));
        CHECK(pixel(image, 10, y) != color_of(track));
        CHECK(pixel(image, 11 + width - 1, y) == color_of(track));
        CHECK(count(image, color_of(track)) == width);
    }
}

TEST_CASE("figures: cells scale, and the last step and highest pitch lie inside the frame") {
    PianoRoll roll(steps_per_bar);
    roll.set(95, 83, 0);
    const io::Image image = tracks_figure(roll, {3, 4, false, ""});
    CHECK(image.width == 96 * 3 + 2);
    CHECK(count(image, color_of(0)) == 12);
    CHECK(pixel(image, 288, 1) == color_of(0));
    CHECK(pixel(image, 286, 4) == color_of(0));
}

TEST_CASE("figures: bar lines are darker than beat lines, and those darker than paper") {
    const io::Image image = tracks_figure(PianoRoll(steps_per_phrase), bare);
    const int y = 40;
    const Color bar = pixel(image, 1 + 96, y), beat = pixel(image, 1 + 24, y),
                paper = pixel(image, 1 + 30, y);
    CHECK(bar[0] < beat[0]);
    CHECK(beat[0] < paper[0]);
    CHECK(paper == white);
}

TEST_CASE("figures: overlaps darken") {
    PianoRoll roll(steps_per_phrase);
    roll.set(50, 40, 0);
    roll.set(52, 40, 0);
    roll.set(52, 40, 4);
    roll.set(54, 40, 4);
    for (const int track : {0, 1, 2, 3, 4}) roll.set(56, 40, track);
    const io::Image image = overlay_figure(roll, bare);
    const int y = 1 + 83 - 40;
    CHECK(pixel(image, 51, y) == color_of(0));
    CHECK(pixel(image, 55, y) == color_of(4));
    for (std::size_t k = 0; k < 3; ++k) {
        CHECK(pixel(image, 53, y)[k] <= std::min(color_of(0)[k], color_of(4)[k]));
        CHECK(pixel(image, 57, y)[k] < 16);  // all five: black
    }
}

TEST_CASE("figures: grids and evolutions have a place for every phrase, and sizes are checked") {
    std::vector<std::uint8_t> phrases;
    for (int k = 0; k < 5; ++k) {
        PianoRoll roll(steps_per_phrase);
        for (int n = 0; n <= k; ++n) roll.set(4 * n + 2, 50, 3);
        phrases.insert(phrases.end(), roll.bits().begin(), roll.bits().end());
    }
    const io::Image grid = grid_figure(phrases, 3, Layout::overlay, {"a", "b", "c", "d", "e"}, bare);
    CHECK(count(grid, color_of(3)) == 15);
    CHECK(grid.width == 10 + 3 * 396);
    CHECK(grid_figure(phrases, 2, Layout::stacked, {}, bare).height >
          grid_figure(phrases, 5, Layout::stacked, {}, bare).height);
    CHECK_THROWS_AS(grid_figure(phrases, 0, Layout::overlay), tensor::Error);
    CHECK_THROWS_AS(grid_figure(phrases, 2, Layout::overlay, {"one"}), tensor::Error);
    CHECK_THROWS_AS(grid_figure({}, 2, Layout::overlay), tensor::Error);
    CHECK_THROWS_AS(tracks_figure(PianoRoll(0)), tensor::Error);
    CHECK_THROWS_AS(tracks_figure(PianoRoll(96), {0, 1, false, ""}), tensor::Error);
    CHECK_THROWS_AS(tracks_figure(PianoRoll(max_bars * steps_per_bar)), tensor::Error);

    const std::vector<std::uint8_t> one(phrases.begin(), phrases.begin() + bytes_per_phrase);
    const std::vector<std::uint8_t> two(phrases.begin(), phrases.begin() + 2 * bytes_per_phrase);
    const io::Image evolution = evolution_figure({{"step 0", two}, {"step 9", two}, {"step 10", two}});
    CHECK(count(evolution, color_of(3)) == 9);
    CHECK_THROWS_AS(evolution_figure({}), tensor::Error);
    CHECK_THROWS_AS(evolution_figure({{"step 0", two}, {"step 1", one}}), tensor::Error);
}

TEST_CASE("figures: labels and title add margins and ink, the same roll gives the same picture") {
    PianoRoll roll(steps_per_phrase);
    roll.set_run(5, 50, 40, 2);
    const io::Image plain = tracks_figure(roll, bare);
    const io::Image labelled = tracks_figure(roll, {1, 1, true, "a title"});
    CHECK(labelled.width > plain.width);
    CHECK(labelled.height > plain.height);
    CHECK(tracks_figure(roll, {1, 1, true, "a title"}) == labelled);
    CHECK_FALSE(tracks_figure(roll, {1, 1, true, "b title"}) == labelled);
}

TEST_CASE("figures: every printable character has a glyph of its own") {
    std::set<std::pair<std::array<std::uint8_t, glyph_height>, int>> seen;
    for (char character = ' '; character <= '~'; ++character) {
        CAPTURE(character);
        const Glyph shape = glyph(character);
        for (const std::uint8_t row : shape.rows) CHECK(row < 32);
        CHECK(seen.emplace(shape.rows, shape.drop).second);
    }
    CHECK(seen.emplace(glyph('\n').rows, 0).second);
    CHECK(glyph('\n').rows == glyph('\xe9').rows);
    CHECK(glyph('T').rows[0] == 31);
    CHECK(text_width("abc") == 17);
    CHECK(text_width("abc", 2) == 34);
    CHECK(text_width("") == 0);
}

TEST_CASE("figures: drawing is clipped to the picture") {
    io::Image image = make_canvas(20, 10);
    fill_rectangle(image, -5, -5, 100, 8, {1, 2, 3});
    multiply_rectangle(image, 15, 5, 100, 100, {0, 0, 0});
    draw_text(image, 17, 7, "text beyond the edge");
    draw_text(image, -3, -3, "t");
    draw_line(image, -50, -50, 1e6, 1e6, {9, 9, 9}, 3, {0, 0, 20, 10});
    draw_image(image, 15, 5, make_canvas(50, 50));
    CHECK(pixel(image, 3, 2) == Color{9, 9, 9});
    CHECK(pixel(image, 10, 0) == Color{1, 2, 3});
    CHECK_THROWS_AS(make_canvas(0, 10), tensor::Error);
    CHECK_THROWS_AS(make_canvas(10, 1 << 20), tensor::Error);
}

TEST_CASE("chart: ticks are round numbers inside the range") {
    CHECK(axis_ticks(0, 10, 5) == std::vector<double>{0, 2, 4, 6, 8, 10});
    CHECK(axis_ticks(-1.5, 1.5, 3) == std::vector<double>{-1, 0, 1});
    CHECK(axis_ticks(130, 970, 4) == std::vector<double>{500});
    CHECK(axis_ticks(3, 3, 4).empty());
    CHECK(axis_ticks(0, INFINITY, 4).empty());
}

TEST_CASE("chart: the running median resists a spike and skips nan") {
    CHECK(running_median({1, 2, 100, 4, 5}, 3) == std::vector<double>{1.5, 2, 4, 5, 4.5});
    const auto medians = running_median({NAN, 2, NAN, NAN, NAN}, 3);
    CHECK(medians[0] == 2);
    CHECK(medians[2] == 2);
    CHECK(std::isnan(medians[3]));
    CHECK(running_median({3, 1, 2}, 1) == std::vector<double>{3, 1, 2});
}

TEST_CASE("chart: curves are drawn in their colour where their values are") {
    Series rising{"rising", {}, {}, {200, 0, 0}, 0};
    for (int k = 0; k <= 100; ++k) {
        rising.x.push_back(k);
        rising.y.push_back(k);
    }
    rising.y[50] = NAN;
    const io::Image image =
        line_chart({rising}, {{"level", 120, {0, 0, 200}}}, {.title = "T", .x_label = "x", .y_label = "y"});
    CHECK(image.width == 900);
    CHECK(count(image, {200, 0, 0}) > 300);
    CHECK(count(image, {0, 0, 200}) > 200);
    int low_left = 0, high_left = 0;
    for (int y = 0; y < image.height; ++y) {
        for (int x = 75; x < 200; ++x) {
            if (pixel(image, x, y) == Color{200, 0, 0} && y > 60)
                (y > image.height / 2 ? low_left : high_left) += 1;
        }
    }
    CHECK(low_left > 10);
    CHECK(high_left == 0);
}

TEST_CASE("chart: nothing, one point, equal values, infinities and far outliers make a picture") {
    const ChartOptions options{.title = "", .x_label = "", .y_label = "", .width = 300, .height = 200};
    CHECK(line_chart({}, {}, options).width == 300);
    CHECK(line_chart({{"a", {5}, {7}, {1, 1, 1}, 0}}, {}, options).height == 200);
    CHECK(line_chart({{"a", {1, 2, 3}, {4, 4, 4}, {1, 1, 1}, 5}}, {}, options).height == 200);
    CHECK(line_chart({{"a", {1, NAN, 3}, {INFINITY, 4, NAN}, {1, 1, 1}, 5}}, {{"r", NAN, black}}, options)
              .height == 200);
    Series spike{"spike", {}, {}, {0, 150, 0}, 0};
    for (int k = 0; k < 400; ++k) {
        spike.x.push_back(k);
        spike.y.push_back(k == 7 ? 1e30 : std::sin(k / 20.0));
    }
    CHECK(count(line_chart({spike}, {}, options), {0, 150, 0}) >
          200);  // the sine fills the plot, not a flat line
    CHECK_THROWS_AS(line_chart({{"a", {1, 2}, {1}, {1, 1, 1}, 0}}, {}, options), tensor::Error);
    CHECK_THROWS_AS(
        line_chart({}, {}, {.title = "", .x_label = "", .y_label = "", .width = 10, .height = 10}),
        tensor::Error);
}
