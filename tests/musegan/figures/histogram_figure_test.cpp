#include "musegan/figures/histogram_figure.hpp"

#include <doctest/doctest.h>

#include "musegan/figures/palette.hpp"
#include "tensor/error.hpp"
#include "tests/support/png.hpp"

using namespace musegan;
using support::Pixels;

namespace {

constexpr std::size_t bass = 0, drums = 1, piano = 3;
constexpr Color gray{200, 200, 200}, red{200, 0, 0}, blue{0, 0, 200};

// Without a title the panels are 255 x 110 pixels, 299 and 144 apart, from column 68 and row 56 on.
constexpr int width = 255, height = 110;
int left_of(int column) { return 68 + 299 * column; }
int top_of(int row) { return 56 + 144 * row; }
constexpr int length_row = 0, pitch_row = 1, density_row = 2;

HistogramSet set_of(const std::string& name, Color color) {
    HistogramSet set{name, color};
    // Half of the pitches are C1, the rest C8, so that the axis has 85 of them, 3 pixels each.
    set.pitches[bass] = {24, std::vector<std::int64_t>(85)};
    set.pitches[bass].counts.front() = set.pitches[bass].counts.back() = 10;
    return set;
}

HistogramPicture picture_of(std::vector<HistogramSet> sets, int steps_per_beat = 4) {
    return {"", steps_per_beat, std::move(sets)};
}

Pixels pixels_of(const HistogramPicture& histograms) { return support::decode_png(histogram_figure(histograms).png()); }

/// How many pixels of a panel have that colour.
int count_in(const Pixels& pixels, int column, int row, Color color) {
    int count = 0;
    for (int y = top_of(row); y < top_of(row) + height; ++y)
        for (int x = left_of(column); x < left_of(column) + width; ++x) count += pixels.at(x, y) == color;
    return count;
}

}  // namespace

TEST_CASE("histogram figure: the first set is an area, as high as its shares") {
    const Pixels pixels = pixels_of(picture_of({set_of("data", gray)}));
    CHECK(pixels.width == 30 + 5 * 299 + 20);
    // The highest share is drawn 1 / 1.06 of the panel high: 110 / 1.06 = 103.8.
    const int bottom = top_of(pitch_row) + height, highest = bottom - 104;
    for (const int x : {0, 2, 252, 254}) {
        CHECK(pixels.at(left_of(0) + x, bottom - 1) == gray);
        CHECK(pixels.at(left_of(0) + x, highest) == gray);
        CHECK(pixels.at(left_of(0) + x, highest - 1) != gray);
    }
    CHECK(count_in(pixels, 0, pitch_row, gray) == 2 * 3 * 104);
    // Nobody else has notes.
    for (int column = 1; column < 5; ++column) CHECK(count_in(pixels, column, pitch_row, gray) == 0);
    CHECK(count_in(pixels, 0, density_row, gray) == 0);
}

TEST_CASE("histogram figure: a set of half as much in a bin is half as high, whatever its total") {
    HistogramSet set = set_of("data", gray);
    set.pitches[bass].counts.front() = 2'000;
    set.pitches[bass].counts[1] = 1'000;
    set.pitches[bass].counts.back() = 2'000;
    CHECK(count_in(pixels_of(picture_of({set})), 0, pitch_row, gray) == 3 * (104 + 52 + 104));
}

TEST_CASE("histogram figure: other sets are lines in their colours where their shares are, over the first") {
    HistogramSet line = set_of("new", red);
    line.pitches[bass].counts.assign(85, 1);
    const Pixels pixels = pixels_of(picture_of({set_of("data", gray), line, set_of("newer", blue)}));
    // 1/85 of the axis that ends at 1.06 / 2: 2.4 of 110 pixels above the foot.
    const int y = top_of(pitch_row) + height - 3;
    int inked = 0;
    for (int x = 4; x < width - 4; ++x) {
        const Color color = pixels.at(left_of(0) + x, y);
        inked += color[0] > color[1] + 60;
    }
    CHECK(inked > width - 20);
    CHECK(count_in(pixels, 1, pitch_row, red) == 0);
    // A line ends where it is as high as the area.
    const int top = top_of(pitch_row) + height - 105;
    CHECK(pixels.at(left_of(0) + 1, top)[2] > pixels.at(left_of(0) + 1, top)[0] + 60);
    CHECK(count_in(pixels, 0, pitch_row, gray) > 100);
    // Each set has its colour in the legend, too.
    for (const Color color : {gray, red, blue}) {
        bool found = false;
        for (int x = 68; x < 500; ++x) found |= pixels.at(x, 19) == color;
        CHECK(found);
    }
}

TEST_CASE("histogram figure: lengths of all pitched tracks stand on one axis, and a hit has none") {
    HistogramSet set{"data", gray};
    set.lengths[bass] = {0, {0, 10}};
    set.lengths[piano] = {0, std::vector<std::int64_t>(17)};
    set.lengths[piano].counts.back() = 10;  // a bar
    set.lengths[drums] = {0, {0, 10}};
    const Pixels pixels = pixels_of(picture_of({set}));
    const NumberAxis axis{1, 16, width, true, 0};
    CHECK(count_in(pixels, 0, length_row, gray) == axis.edge(2) * 104);
    CHECK(count_in(pixels, 4, length_row, gray) == (width - axis.edge(16)) * 104);  // piano is last
    CHECK(count_in(pixels, 1, length_row, gray) == 0);
    CHECK(pixels.any_ink(left_of(1) + 60, top_of(length_row) + 45, 130, 20));
    CHECK_FALSE(pixels.any_ink(left_of(1) - 34, top_of(length_row), 90, height));
}

TEST_CASE("histogram figure: notes per bar are those of bars with a note, up to where every set has 99.5 %") {
    const auto with = [](std::int64_t silent, std::int64_t far, const std::vector<std::int64_t>& other = {}) {
        HistogramSet data{"data", gray}, more{"more", red};
        data.densities[piano] = {0, {silent, 0, 995}};
        data.densities[piano].counts.resize(200);
        data.densities[piano].counts.back() = far;
        more.densities[piano] = {0, other};
        return histogram_figure(picture_of({data, more})).png();
    };
    CHECK(with(0, 5) == with(100'000, 5));
    const Pixels cut = support::decode_png(with(0, 5)), whole = support::decode_png(with(0, 6));
    // 1 to 4: 2 takes from pixel 64 to 127. 1 to 199: bins of three pixels.
    CHECK(cut.at(left_of(4) + 66, top_of(density_row) + 60) == gray);
    CHECK(cut.at(left_of(4) + 124, top_of(density_row) + 60) == gray);
    CHECK(cut.at(left_of(4) + 130, top_of(density_row) + 60) != gray);
    CHECK(count_in(whole, 4, density_row, gray) < 10 * 110);
    CHECK(count_in(whole, 4, density_row, gray) > 110);
    // Another set's 99.5 % count as well.
    const Pixels wider = support::decode_png(with(0, 5, {0, 0, 0, 0, 0, 0, 0, 1}));
    CHECK(wider.at(left_of(4) + 66, top_of(density_row) + 60) == gray);
    CHECK(wider.at(left_of(4) + 124, top_of(density_row) + 60) != gray);
}

TEST_CASE("histogram figure: panels of nothing say so, and sets without anything are no lines") {
    const HistogramSet none{"none", red};
    const Pixels pixels = pixels_of(picture_of({none}));
    for (int column = 0; column < 5; ++column) {
        for (int row = 0; row < 3; ++row) {
            CHECK(pixels.any_ink(left_of(column) + 80, top_of(row) + 45, 95, 20));
            CHECK(count_in(pixels, column, row, red) == 0);
        }
    }
    CHECK(pixels.at(left_of(0), top_of(0)) == grid_color);
    const Pixels both = pixels_of(picture_of({set_of("data", gray), none}));
    CHECK(count_in(both, 0, pitch_row, gray) == 2 * 3 * 104);
    CHECK(count_in(both, 0, pitch_row, red) == 0);
    // Counts that are all 0 are none.
    HistogramSet zeros{"zeros", gray};
    zeros.densities.fill({0, {7, 0, 0}});
    CHECK(count_in(pixels_of(picture_of({zeros})), 0, density_row, gray) == 0);
}

TEST_CASE("histogram figure: names of axes and the title have ink, and every format comes") {
    HistogramPicture histograms = picture_of({set_of("data", gray)});
    const Pixels pixels = pixels_of(histograms);
    CHECK(pixels.any_ink(left_of(0) - 6, top_of(pitch_row) + height + 5, 12, 16));   // C1
    CHECK(pixels.any_ink(left_of(0) - 30, top_of(pitch_row) + height - 6, 24, 12));  // 0 %
    CHECK(pixels.any_ink(8, top_of(pitch_row), 16, height));                         // pitch
    CHECK(pixels.any_ink(left_of(0), top_of(2) + 144, 300, 16));                     // what it is
    CHECK_FALSE(pixels.any_ink(pixels.width - 2, 0, 2, pixels.height));
    histograms.title = "Notes";
    CHECK(pixels_of(histograms).height == pixels.height + 28);
    CHECK(histogram_figure(histograms).png() == histogram_figure(histograms).png());
    CHECK(histogram_figure(histograms).svg().size() > 1000);
    CHECK(histogram_figure(histograms).pdf().size() > 1000);
}

TEST_CASE("histogram figure: a legend of many sets, and of long names, has more rows") {
    std::vector<HistogramSet> sets(12, set_of("a set with a name of some length", blue));
    const Pixels pixels = pixels_of(picture_of(sets));
    CHECK(pixels.height == pixels_of(picture_of({sets.front()})).height + 24 * 2);
    CHECK(pixels.any_ink(68, 8 + 2 * 24, 26, 24));
    CHECK_FALSE(pixels.any_ink(pixels.width - 20, 0, 20, 8 + 3 * 24));
    CHECK(pixels_of(picture_of({set_of(std::string(5'000, 'x'), gray)})).width == pixels.width);
}

TEST_CASE("histogram figure: no set and no grid are refused") {
    CHECK_THROWS_WITH_AS(histogram_figure(picture_of({})), "[histogram_figure] no set, expected one or more",
                         tensor::Error);
    CHECK_THROWS_AS(histogram_figure(picture_of({set_of("data", gray)}, 0)), tensor::Error);
    CHECK_THROWS_AS(histogram_figure(picture_of({set_of("data", gray)}, 5)), tensor::Error);
}
