#include "musegan/figures/field_figure.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "musegan/figures/color_map.hpp"
#include "tensor/error.hpp"
#include "tests/support/png.hpp"

using namespace musegan;
using support::Pixels;

namespace {

// Panels of 11 cells of 11 pixels, two or more in a row, with names of columns alone.
constexpr int side = 121, cell = 11, left = 14, top = 56, gap = 16, row_height = side + 32;
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr Color real_color{20, 20, 50}, fake_color{213, 62, 0};

template <typename Function>
FieldPanel panel_of(const PlaneGrid& grid, const Function& function) {
    FieldPanel panel;
    for (int k = 0; k < grid.values(); ++k) panel.values.push_back(function(grid.point(k).x, grid.point(k).y));
    return panel;
}

const PlaneGrid grid{5.5, 11};

FieldPanel flat_panel() {
    return panel_of(grid, [](double, double) { return 7.0; });
}

/// One row.
FieldPicture picture_of(const std::vector<FieldPanel>& panels) {
    FieldPicture picture;
    picture.grid = grid;
    picture.panel_side = side;
    picture.columns.assign(panels.size(), "column");
    picture.rows = {{"", panels}};
    return picture;
}

Pixels pixels_of(const FieldPicture& picture) { return support::decode_png(field_figure(picture).png()); }

/// The pixels of the panel in that column of the first row.
std::vector<Color> inside(const Pixels& pixels, int column = 0) {
    std::vector<Color> colors;
    for (int y = top; y < top + side; ++y)
        for (int x = 0; x < side; ++x) colors.push_back(pixels.at(left + column * (side + gap) + x, y));
    return colors;
}

std::int64_t count(const std::vector<Color>& colors, Color color) {
    return std::count(colors.begin(), colors.end(), color);
}

}  // namespace

TEST_CASE("field figure: lightness rises in equal steps along the colours") {
    double before = 0.0;
    for (std::size_t k = 0; k < color_map.size(); ++k) {
        const auto linear = [&](std::size_t part) {
            const double value = color_map[k][part] / 255.0;
            return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
        };
        const double luminance = 0.2126 * linear(0) + 0.7152 * linear(1) + 0.0722 * linear(2);
        const double lightness = 116 * std::cbrt(luminance) - 16;
        if (k > 0) CHECK(lightness - before == doctest::Approx(5.3).epsilon(0.06));
        before = lightness;
    }
    CHECK(before == doctest::Approx(95).epsilon(0.005));
}

TEST_CASE("field figure: a plane has the colours in stripes, low at the left or below, with a line between two") {
    const Pixels pixels = pixels_of(picture_of({panel_of(grid, [](double x, double) { return x; }),
                                                panel_of(grid, [](double, double y) { return 1024 * y; })}));
    CHECK(pixels.width == 2 * left + 2 * side + gap);
    CHECK(pixels.at(left - 1, top + 60) == Color{60, 60, 60});  // the frame
    CHECK(pixels.at(left + side, top + 60) == Color{60, 60, 60});
    CHECK(pixels.at(left + side + 1, top + 60) == white);
    const int second = left + side + gap;
    for (int band = 0; band < 11; ++band) {
        const Color color = color_map[static_cast<std::size_t>(band)];
        for (const int at : {3, 60, 117}) {
            CHECK(pixels.at(left + band * cell + 5, top + at) == color);
            CHECK(pixels.at(second + at, top + side - 1 - band * cell - 5) == color);
        }
        CHECK(count(inside(pixels), color) >= side * (cell - 2));
        CHECK(count(inside(pixels), color) <= side * cell);
        if (band == 0) continue;
        CHECK(pixels.at(left + band * cell, top + 60)[1] < color_map[static_cast<std::size_t>(band - 1)][1]);
        CHECK(pixels.at(second + 60, top + side - band * cell)[1] < color_map[static_cast<std::size_t>(band - 1)][1]);
    }
}

TEST_CASE("field figure: every panel has its own range, whatever its size") {
    const auto bowl = [](double x, double y) { return x * x + y * y - 3; };
    const double huge = std::numeric_limits<double>::max() / 64;  // the bowl reaches 57.5
    const Pixels pixels = pixels_of(
        picture_of({panel_of(grid, bowl), panel_of(grid, [&](double x, double y) { return 4096 * bowl(x, y); }),
                    panel_of(grid, [&](double x, double y) { return std::ldexp(bowl(x, y), -700); }),
                    panel_of(grid, [](double x, double) { return x < 0 ? -1.0 : 1.0; }),
                    panel_of(grid, [&](double x, double) { return x < 0 ? -64 * huge : 64 * huge; })}));
    CHECK(count(inside(pixels), color_map[0]) > 0);
    CHECK(count(inside(pixels), color_map[10]) > 0);
    CHECK(inside(pixels, 1) == inside(pixels));
    CHECK(inside(pixels, 2) == inside(pixels));
    CHECK(inside(pixels, 3) != inside(pixels));
    CHECK(inside(pixels, 4) == inside(pixels, 3));
}

TEST_CASE("field figure: a constant function has one colour and no line, up to the rounding of 32-bit numbers") {
    const auto near = [](double step) { return panel_of(grid, [=](double x, double) { return 1000 + step * x; }); };
    const Pixels pixels = pixels_of(
        picture_of({flat_panel(), near(5e-5), near(1e-3), panel_of(grid, [](double, double) { return 0.0; })}));
    CHECK(count(inside(pixels, 0), color_map[5]) == side * side);
    CHECK(count(inside(pixels, 1), color_map[5]) == side * side);
    CHECK(count(inside(pixels, 2), color_map[5]) < side * side / 8);
    CHECK(count(inside(pixels, 3), color_map[5]) == side * side);
}

TEST_CASE("field figure: cells at a value that is not finite are white, and a panel may have none other") {
    for (const double hole : {not_a_number, HUGE_VAL, -HUGE_VAL}) {
        FieldPanel panel = flat_panel();
        panel.values[12 * 3 + 2] = hole;  // the third from the left, the fourth from below
        FieldPanel empty = flat_panel();
        empty.values.assign(144, hole);
        const Pixels pixels = pixels_of(picture_of({panel, empty}));
        CHECK(count(inside(pixels), white) == 4 * cell * cell);
        CHECK(count(inside(pixels), color_map[5]) == side * side - 4 * cell * cell);
        CHECK(pixels.at(left + cell, top + side - 2 * cell - 1) == white);
        CHECK(pixels.at(left + 3 * cell - 1, top + side - 4 * cell) == white);
        CHECK(count(inside(pixels, 1), white) == side * side);
    }
}

TEST_CASE("field figure: points are dots where they lie, the two kinds by turns") {
    FieldPanel panel = flat_panel(), reversed = flat_panel();
    panel.real = {{-3, 2}, {4, 4}, {4, 4}};
    panel.fake = {{0, -4}, {4, 4}, {-3, -3}};
    reversed.real = {{4, 4}, {-3, -3}};
    reversed.fake = {{4, 4}};
    const Pixels pixels = pixels_of(picture_of({panel, reversed}));
    const auto at = [&](double x, double y, int column = 0) {
        return pixels.at(left + column * (side + gap) + static_cast<int>((x + 5.5) * cell),
                         top + static_cast<int>((5.5 - y) * cell));
    };
    CHECK(at(-3, 2) == real_color);
    CHECK(at(0, -4) == fake_color);
    CHECK(at(3, 2) == color_map[5]);
    CHECK(at(4, 4) == real_color);  // real, its turn at 5/6, comes behind generated, at 1/2
    CHECK(at(4, 4, 1) == fake_color);
    CHECK(count(inside(pixels), fake_color) >= 2);
    CHECK(count(inside(pixels), color_map[5]) > side * side - 5 * 49);
}

TEST_CASE("field figure: points outside are counted in the panel's corner and leave the rest of the paper alone") {
    FieldPanel panel = flat_panel();
    panel.real = {{5.5, 0}, {-5.5, -5.5}};
    const Pixels inner = pixels_of(picture_of({panel, flat_panel()}));
    CHECK(count(inside(inner), white) < 20);  // rims alone
    for (const double far : {5.6, -1e300, HUGE_VAL, not_a_number}) {
        panel.fake = {{0, far}, {far, 0}};
        const Pixels pixels = pixels_of(picture_of({panel, flat_panel()}));
        CHECK(count(inside(pixels), white) > 300);
        CHECK(count(inside(pixels), fake_color) == 0);
        CHECK(pixels.at(left + side - 1, top) == white);
        CHECK(inside(pixels, 1) == inside(inner, 1));
        CHECK(pixels.count(fake_color) == inner.count(fake_color));  // of the legend
    }
}

TEST_CASE("field figure: names, captions and ranges have their places, and long ones keep to them") {
    const FieldPicture plain = picture_of({flat_panel(), flat_panel()});
    FieldPicture named = plain;
    named.rows.push_back(plain.rows[0]);
    named.title = std::string(500, 'm');
    named.columns = {std::string(300, 'M'), "two words that are wrapped into a second line or a third"};
    named.rows[0].name = "a name of a row that takes three lines of it";
    named.rows[1].panels[1].caption = std::string(300, 'W');
    named.real_name = named.fake_name = std::string(300, 'x');
    const Pixels before = pixels_of(plain), after = pixels_of(named);
    const int shift = after.width - before.width;
    CHECK(shift == 3 * 16 + 6);
    CHECK(before.any_ink(left, top + side + 4, side, 16));
    CHECK_FALSE(before.any_ink(0, top, left - 1, row_height));
    CHECK(after.any_ink(0, after.height / 4, left + shift - 2, 1 + after.height / 4));
    CHECK_FALSE(after.any_ink(after.width - 4, 0, 4, after.height));
    CHECK_FALSE(after.any_ink(0, 0, 4, after.height));
    CHECK(before.count(fake_color) > 20);  // in the legend, where long names take a line each
    CHECK(after.count(fake_color) == before.count(fake_color));
    CHECK(field_figure(named).png() == field_figure(named).png());
}

TEST_CASE("field figure: what cannot be drawn is refused") {
    FieldPicture picture = picture_of({flat_panel(), flat_panel()});
    const auto refused = [](const FieldPicture& bad, const char* message) {
        CHECK_THROWS_WITH_AS(field_figure(bad), message, tensor::Error);
    };
    refused({}, "[field_figure] 0 rows of 0 columns, expected one or more of both");
    FieldPicture bad = picture;
    bad.rows[0].name = "first";
    bad.rows[0].panels.pop_back();
    refused(bad, "[field_figure] row 'first' has 1 panels, expected 2, one per column");
    bad = picture;
    bad.rows[0].panels[1].values.pop_back();
    refused(bad, "[field_figure] a panel of row '' has 143 values, expected 144, one per point of the grid");
    bad = picture;
    bad.grid.cells = 0;
    refused(bad, "[field_figure] a grid of 0 cells a side, expected 1 to 4096");
    bad = picture;
    for (const double reach : {0.0, -1.0, HUGE_VAL, not_a_number}) {
        bad.grid.reach = reach;
        CHECK_THROWS_AS(field_figure(bad), tensor::Error);
    }
    bad = picture;
    bad.panel_side = 119;
    refused(bad, "[field_figure] panels of 119 pixels a side, expected 120 to 4096");
}
