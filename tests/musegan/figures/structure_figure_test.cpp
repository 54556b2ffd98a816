#include "musegan/figures/structure_figure.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "musegan/figures/palette.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/structure/letter_songs.hpp"
#include "tests/support/png.hpp"

using namespace musegan;

namespace {

// Of a song of 20 bars: 80 cells of 9 pixels, from column 78 and row 48 on, 36 pixels a bar.
constexpr int left = 78, top = 48, bar_width = 36, side = 720;

StructurePicture picture_of(const PianoRoll& roll, const std::vector<std::int64_t>& boundaries) {
    StructureAnalysis piece;
    piece.piece = {0, boundaries.back()};
    piece.frames_per_bar = 4;
    piece.boundaries = boundaries;
    return {"a song", roll, {piece}, {}};
}

support::Pixels pixels_of(const StructurePicture& structure) {
    return support::decode_png(structure_figure(structure).png());
}

}  // namespace

TEST_CASE("figures: distances of cells are those of their beats together") {
    FrameFeatures beats(3);
    beats.of_class(0)[0] = 3;
    beats.of_class(5)[1] = 4;
    CHECK(cell_distances(beats, 1) == std::vector<double>{0, 5, 3, 5, 0, 4, 3, 4, 0});
    CHECK(cell_distances(beats, 2) == std::vector<double>{0, 5, 5, 0});  // the fourth beat is silent
    CHECK(cell_distances(FrameFeatures(0), 1).empty());
}

TEST_CASE("figures: a song against itself is dark where it sounds alike, and cut where sections begin") {
    const support::Pixels pixels = pixels_of(picture_of(support::song("AB", 10), {0, 10, 20}));
    CHECK(pixels.width == left + side + 22);
    const auto cell = [&](int row_bar, int column_bar) {
        return pixels.at(left + column_bar * bar_width + 5, top + row_bar * bar_width + 5);
    };
    CHECK(cell(3, 3) == palette[1]);
    CHECK(cell(4, 0) == palette[1]);    // the chords of A return after four bars
    CHECK(cell(1, 0) != palette[1]);    // another chord
    CHECK(cell(14, 18) == palette[1]);  // and those of B
    for (int row = top; row < top + side; ++row) CHECK(pixels.at(left + 10 * bar_width, row) == palette[0]);
    for (int column = left; column < left + side; ++column)
        CHECK(pixels.at(column, top + 10 * bar_width) == palette[0]);
    CHECK(pixels.at(left + 9 * bar_width, top + 3) != palette[0]);
}

TEST_CASE("figures: tracks, sections and phrases stand below the bars that they have") {
    PianoRoll roll(paper_shape, 20 * 96);
    roll.set_run(5 * 96, 6 * 96, 20, index_of(Family::bass));
    StructurePicture structure = picture_of(roll, {0, 10, 20});
    structure.windows = {8};
    const support::Pixels pixels = pixels_of(structure);
    const int tracks_top = top + side + 24 + 110 + 14, bands_top = tracks_top + 5 * 14 + 14;
    const Color bass = tracks[0].color;
    CHECK(pixels.count(bass) == 36 * 10);
    CHECK(pixels.at(left + 5 * bar_width, tracks_top + 2) == bass);
    CHECK(pixels.at(left + 6 * bar_width - 1, tracks_top + 11) == bass);
    CHECK(pixels.at(left + 9 * bar_width, bands_top) == tint(palette[1], 0.55));
    CHECK(pixels.at(left + 10 * bar_width, bands_top) == tint(palette[1], 0.25));
    CHECK(pixels.count(palette[3]) == (4 * 36 - 1) * 13);
    CHECK(pixels.at(left + 8 * bar_width, bands_top + 16) == palette[3]);
}

TEST_CASE("figures: a song of one bar and one of 4096 bars have pictures, one of none has not") {
    for (const Segmentation way : {Segmentation::sf, Segmentation::sf_authors}) {
        const StructureAnalysis one = analyze(support::song("A", 1), {0, 1}, way);
        const support::Pixels pixels = pixels_of({"one", support::song("A", 1), {one}, {}});
        CHECK(pixels.width == left + side + 22);
        CHECK(pixels.count(palette[0]) == 0);
    }
    PianoRoll longest(paper_shape, max_bars * 96);
    longest.set(0, 0, 0);
    const support::Pixels pixels = pixels_of(picture_of(longest, {0, 100, max_bars}));
    CHECK(pixels.width <= left + side + 22);
    CHECK(pixels.width >= left + side / 2);
    CHECK_THROWS_WITH_AS(structure_figure({"", PianoRoll(paper_shape, 95), {}, {}}),
                         "[figure] a song of no bar, expected one or more", tensor::Error);
}

TEST_CASE("figures: the curve of novelty has its peaks as dots, and its threshold dashed") {
    StructurePicture structure = picture_of(PianoRoll(paper_shape, 20 * 96), {0, 20});
    StructureAnalysis& piece = structure.pieces.front();
    piece.novelty.assign(80, 0.0);
    piece.novelty[40] = 1.0;
    piece.threshold.assign(80, 0.5);
    piece.peaks = {40};
    const support::Pixels pixels = pixels_of(structure);
    const int novelty_top = top + side + 24;
    CHECK(pixels.at(left + 40 * 9, novelty_top + 8) == palette[0]);  // 1 stands 8 pixels below the frame
    CHECK(pixels.any_ink(left, novelty_top + 55, 40, 5));            // half way down
    CHECK(!pixels.any_ink(left, novelty_top + 20, 40, 20));
    CHECK(pixels.any_ink(left + side - 180, novelty_top - 16, 180, 10));
}
