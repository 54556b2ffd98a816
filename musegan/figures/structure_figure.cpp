#include "musegan/figures/structure_figure.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "musegan/figures/chart_values.hpp"
#include "musegan/figures/palette.hpp"
#include "musegan/figures/text_layout.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr int beats_per_bar = PhraseShape::beats_per_bar;
constexpr Color likeness_color = palette[1];
constexpr Color cut_color = palette[0];
constexpr Color curve_color = palette[1];
constexpr TextStyle axis_style{.size = 11.0, .color = axis_color, .align = Align::center};
constexpr TextStyle side_style{.size = 11.0, .color = axis_color, .align = Align::right};

/// Where everything stands.
struct Sheet {
    static constexpr int most_cells = 360, most_width = 720;
    static constexpr int left = 78, right = 22, gap = 14, caption = 24, title = 30, cuts = 18, axis = 36;
    static constexpr int novelty_height = 110, track_height = 14, band_height = 16;

    explicit Sheet(std::int64_t bars_in_all) : bars(bars_in_all) {
        const std::int64_t beats = bars * beats_per_bar;
        beats_per_cell = (beats + most_cells - 1) / most_cells;
        cells = (beats + beats_per_cell - 1) / beats_per_cell;
        cell = static_cast<int>(most_width / cells);
    }

    int plot() const { return static_cast<int>(cells) * cell; }
    double x_of(double bar) const { return left + bar * beats_per_bar / static_cast<double>(beats_per_cell) * cell; }
    int column_of(std::int64_t bar) const { return static_cast<int>(x_of(static_cast<double>(bar))); }
    int end() const { return column_of(bars); }

    int matrix_top() const { return title + cuts; }
    int novelty_top() const { return matrix_top() + plot() + caption; }
    int tracks_top() const { return novelty_top() + novelty_height + gap; }
    int bands_top() const { return tracks_top() + n_tracks * track_height + gap; }
    int bands_bottom() const { return bands_top() + 2 * band_height; }
    int width() const { return left + plot() + right; }
    int height() const { return bands_bottom() + axis; }

    std::int64_t bars, beats_per_cell = 0, cells = 0;
    int cell = 0;
};

/// Alike is dark: a share of 1 at distance 0, of 0 at the mean distance and beyond it; in 16 steps, so that neighbours
/// of one shade are one rectangle.
void draw_matrix(Picture& picture, const Sheet& sheet, const PianoRoll& roll) {
    constexpr int shades = 16;
    const std::vector<double> distances = cell_distances(beat_chroma(roll, {0, sheet.bars}), sheet.beats_per_cell);
    double mean = 0.0;
    for (const double distance : distances) mean += distance / static_cast<double>(distances.size());
    const auto shade_of = [&](std::int64_t row, std::int64_t column) {
        const double distance = distances[static_cast<std::size_t>(row * sheet.cells + column)];
        return mean == 0.0 ? shades : static_cast<int>(shades * std::max(0.0, 1.0 - distance / mean));
    };
    std::array<std::vector<Rectangle>, shades + 1> cells;
    for (std::int64_t row = 0; row < sheet.cells; ++row) {
        for (std::int64_t begin = 0, end = 0; begin < sheet.cells; begin = end) {
            const int shade = shade_of(row, begin);
            for (end = begin + 1; end < sheet.cells && shade_of(row, end) == shade;) ++end;
            cells[static_cast<std::size_t>(shade)].push_back({Sheet::left + static_cast<int>(begin) * sheet.cell,
                                                              sheet.matrix_top() + static_cast<int>(row) * sheet.cell,
                                                              static_cast<int>(end - begin) * sheet.cell, sheet.cell});
        }
    }
    for (int shade = 1; shade <= shades; ++shade) {
        if (auto& rectangles = cells[static_cast<std::size_t>(shade)]; !rectangles.empty())
            picture.fill(std::move(rectangles), tint(likeness_color, static_cast<double>(shade) / shades));
    }
}

/// The bars at which a section begins and the one before it ends, without the song's ends.
std::vector<std::int64_t> cuts_of(const StructurePicture& structure, std::int64_t bars) {
    std::vector<std::int64_t> cuts;
    for (const StructureAnalysis& piece : structure.pieces) {
        for (const std::int64_t bar : piece.boundaries) {
            if (bar > 0 && bar < bars && (cuts.empty() || cuts.back() != bar)) cuts.push_back(bar);
        }
    }
    return cuts;
}

/// Lines through all panels, and the bars' numbers on top, where they do not touch.
void draw_cuts(Picture& picture, const Sheet& sheet, const std::vector<std::int64_t>& cuts) {
    const TextStyle style{.size = 11.0, .color = cut_color, .align = Align::center, .bold = true};
    double room_from = 0.0;
    for (const std::int64_t bar : cuts) {
        const int x = sheet.column_of(bar), y = sheet.matrix_top() + x - Sheet::left;
        picture.fill(Rectangle{x, sheet.matrix_top() - 4, 1, sheet.plot() + 4}, cut_color);
        picture.fill(Rectangle{Sheet::left, y, sheet.plot(), 1}, cut_color);
        picture.fill(Rectangle{x, sheet.novelty_top(), 1, Sheet::novelty_height}, cut_color);
        picture.fill(Rectangle{x, sheet.tracks_top(), 1, n_tracks * Sheet::track_height}, cut_color);
        const std::string text = fmt::format("{}", bar + 1);
        const double half = text_width(text, style) / 2.0;
        if (x - half < room_from) continue;
        picture.text({x + 0.5, sheet.matrix_top() - 12.0}, text, style);
        room_from = x + half + 6.0;
    }
}

void draw_novelty(Picture& picture, const Sheet& sheet, const std::vector<StructureAnalysis>& pieces) {
    const Rectangle frame{Sheet::left, sheet.novelty_top(), sheet.plot(), Sheet::novelty_height};
    const double bottom = frame.y + frame.height - 4.0, scale = frame.height - 12.0;
    bool any = false;
    for (const StructureAnalysis& piece : pieces) {
        const auto point = [&](std::int64_t i, double value) {
            return Point{sheet.x_of(static_cast<double>(piece.piece.begin) + piece.bar_of(i)), bottom - value * scale};
        };
        std::vector<Point> curve, threshold;
        for (std::int64_t i = 0; i < static_cast<std::int64_t>(piece.novelty.size()); ++i) {
            curve.push_back(point(i, piece.novelty[static_cast<std::size_t>(i)]));
            threshold.push_back(point(i, piece.threshold[static_cast<std::size_t>(i)]));
        }
        if (curve.empty()) continue;
        any = true;
        picture.line(thin_out(threshold), {.color = other_color, .width = 1.2, .dash = 4.0}, frame);
        picture.line(thin_out(curve), {.color = curve_color, .width = 1.6}, frame);
        for (const std::int64_t peak : piece.peaks)
            picture.line({curve[static_cast<std::size_t>(peak)]}, {.color = cut_color, .width = 7.0}, frame);
    }
    if (!any)
        picture.text({frame.x + 10.0, frame.y + frame.height / 2.0}, "too short for a curve",
                     {.size = 11.0, .color = axis_color});
    else
        picture.text({frame.x + frame.width + 0.0, frame.y - 11.0}, "dashed: threshold, dots: peaks",
                     {.size = 10.0, .color = axis_color, .align = Align::right});
    picture.frame({frame.x - 1, frame.y - 1, frame.width + 2, frame.height + 2}, axis_color);
}

/// A row per track, filled in the beats in which it sounds.
void draw_tracks(Picture& picture, const Sheet& sheet, const PianoRoll& roll) {
    const auto beats = static_cast<std::size_t>(sheet.bars * beats_per_bar);
    std::array<std::vector<bool>, n_tracks> sounds;
    for (std::vector<bool>& track : sounds) track.resize(beats);
    for_each_cell(roll.shape(), roll.bits(), [&](std::int64_t step, int, int track) {
        const auto beat = static_cast<std::size_t>(step / roll.shape().steps_per_beat);
        if (beat < beats) sounds[static_cast<std::size_t>(track)][beat] = true;
    });
    const auto x_of = [&](std::size_t beat) {
        return static_cast<int>(sheet.x_of(static_cast<double>(beat) / beats_per_bar));
    };
    for (int row = 0; row < n_tracks; ++row) {
        const auto track = static_cast<std::size_t>(figure_order[static_cast<std::size_t>(row)]);
        const int y = sheet.tracks_top() + row * Sheet::track_height;
        std::vector<Rectangle> stretches;
        for (std::size_t begin = 0, end = 0; begin < beats; begin = end) {
            for (end = begin + 1; end < beats && sounds[track][end] == sounds[track][begin];) ++end;
            if (sounds[track][begin])
                stretches.push_back(
                    {x_of(begin), y + 2, std::max(1, x_of(end) - x_of(begin)), Sheet::track_height - 4});
        }
        if (!stretches.empty()) picture.fill(std::move(stretches), tracks[track].color);
        picture.text({Sheet::left - 8.0, y + Sheet::track_height / 2.0}, tracks[track].name, side_style);
    }
    picture.frame({Sheet::left - 1, sheet.tracks_top() - 1, sheet.plot() + 2, n_tracks * Sheet::track_height + 2},
                  axis_color);
}

/// Sections in turn, and below them the phrases with a pixel between them.
void draw_bands(Picture& picture, const Sheet& sheet, const StructurePicture& structure) {
    const int top = sheet.bands_top(), middle = top + Sheet::band_height;
    std::size_t count = 0;
    for (const StructureAnalysis& piece : structure.pieces) {
        for (std::size_t k = 0; k + 1 < piece.boundaries.size(); ++k) {
            const int begin = sheet.column_of(piece.boundaries[k]), end = sheet.column_of(piece.boundaries[k + 1]);
            picture.fill(Rectangle{begin, top, end - begin, Sheet::band_height - 3},
                         tint(likeness_color, count++ % 2 == 0 ? 0.55 : 0.25));
        }
    }
    for (const std::int64_t bar : structure.windows) {
        const int begin = sheet.column_of(bar), end = sheet.column_of(bar + structure.roll.shape().bars);
        picture.fill(Rectangle{begin, middle, std::max(1, end - begin - 1), Sheet::band_height - 3}, palette[3]);
    }
    picture.text({Sheet::left - 8.0, top + (Sheet::band_height - 3) / 2.0}, "sections", side_style);
    picture.text({Sheet::left - 8.0, middle + (Sheet::band_height - 3) / 2.0}, "phrases", side_style);
}

void draw_bar_axis(Picture& picture, const Sheet& sheet) {
    const auto last = static_cast<double>(sheet.bars);
    const int y = sheet.bands_bottom();
    picture.fill(Rectangle{Sheet::left, y, sheet.plot(), 1}, axis_color);
    for (const double tick : axis_ticks(1.0, std::max(2.0, last), 10)) {
        if (tick < 1.0 || tick > last || tick != std::floor(tick)) continue;
        const auto x = static_cast<int>(sheet.x_of(tick - 1.0));
        picture.fill(Rectangle{x, y, 1, 5}, axis_color);
        picture.text({x + 0.5, y + 14.0}, fmt::format("{}", static_cast<std::int64_t>(tick)), axis_style);
    }
    picture.text({Sheet::left + sheet.plot() / 2.0, y + 28.0}, "bar", axis_style);
}

/// What stands left of a panel, reading upwards.
void draw_side(Picture& picture, int top, int height, const char* text) {
    picture.text({Sheet::left - 16.0, top + height / 2.0}, text,
                 {.size = 11.0, .color = axis_color, .align = Align::center, .upward = true});
}

}  // namespace

std::vector<double> cell_distances(const FrameFeatures& beats, std::int64_t beats_per_cell) {
    const std::int64_t cells = (beats.frames() + beats_per_cell - 1) / beats_per_cell;
    std::vector<std::int64_t> squares(static_cast<std::size_t>(cells * cells));
    std::vector<std::int32_t> padded(static_cast<std::size_t>(cells * beats_per_cell));
    for (int c = 0; c < FrameFeatures::classes; ++c) {
        std::ranges::copy(beats.of_class(c), padded.begin());
        for (std::int64_t a = 0; a < cells; ++a) {
            for (std::int64_t b = 0; b < cells; ++b) {
                for (std::int64_t k = 0; k < beats_per_cell; ++k) {
                    const std::int64_t difference = padded[static_cast<std::size_t>(a * beats_per_cell + k)] -
                                                    padded[static_cast<std::size_t>(b * beats_per_cell + k)];
                    squares[static_cast<std::size_t>(a * cells + b)] += difference * difference;
                }
            }
        }
    }
    std::vector<double> distances(squares.size());
    std::ranges::transform(squares, distances.begin(),
                           [](std::int64_t square) { return std::sqrt(static_cast<double>(square)); });
    return distances;
}

Picture structure_figure(const StructurePicture& structure) {
    const std::int64_t bars = structure.roll.steps() / structure.roll.shape().steps_per_bar();
    if (bars < 1) tensor::fail("figure", "a song of no bar, expected one or more");
    const Sheet sheet(bars);
    Picture picture(sheet.width(), sheet.height());
    const TextStyle title{.size = 14.0, .color = axis_color, .bold = true};
    picture.text({Sheet::left + 0.0, 16.0}, ellipsized(structure.title, sheet.plot(), title), title);
    draw_matrix(picture, sheet, structure.roll);
    draw_tracks(picture, sheet, structure.roll);
    draw_cuts(picture, sheet, cuts_of(structure, bars));
    picture.frame({Sheet::left - 1, sheet.matrix_top() - 1, sheet.plot() + 2, sheet.plot() + 2}, axis_color);
    draw_novelty(picture, sheet, structure.pieces);
    draw_bands(picture, sheet, structure);
    draw_bar_axis(picture, sheet);
    draw_side(picture, sheet.matrix_top(), sheet.plot(), "the song against itself: dark where it sounds alike");
    draw_side(picture, sheet.novelty_top(), Sheet::novelty_height, "novelty");
    return picture;
}

}  // namespace musegan
