#include "musegan/figures/figures.hpp"

#include <algorithm>
#include <array>

#include "musegan/figures/roll_panel.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr Color text_color{40, 40, 40};
constexpr double name_size = 11.0;
constexpr int title_height = 26;
constexpr int legend_height = 22;
constexpr int caption_height = 16;

/// The panels of one phrase, and the margins around them.
struct RollLayout {
    Layout layout;
    PhraseShape shape;
    std::int64_t steps;
    RollStyle style;
    int left = 0, top = 0, right = 0, bottom = 0;
    int gap = -1;  ///< between panels; without labels they share their frames

    int step_width() const { return style.step_width * shape.finest_steps(); }
    int panels() const { return layout == Layout::stacked ? n_tracks : 1; }
    RollPanel panel(int x, int y, int number) const {
        RollPanel panel{shape, x + left, y + top, steps, step_width(), style.pitch_height};
        panel.y += number * (panel.height() + gap);
        return panel;
    }
    int width() const { return left + panel(0, 0, 0).width() + right; }
    int height() const {
        const RollPanel last = panel(0, 0, panels() - 1);
        return last.y + last.height() + bottom;
    }
};

/// Pixels across that the cells of a figure may take: the rest is for the margins.
constexpr int most_width = max_picture_side - 256;

RollLayout layout_of(const PhraseShape& shape, std::int64_t steps, Layout layout, const RollStyle& style) {
    if (style.step_width < 1 || style.pitch_height < 1 || style.step_width > 64 || style.pitch_height > 64) {
        tensor::fail("figure", "cells of {} x {} pixels, expected 1 to 64", style.step_width, style.pitch_height);
    }
    RollLayout result{layout, shape, steps, style};
    if (steps < 1 || steps * result.step_width() > most_width) {
        tensor::fail("figure", "{} steps of {} pixels, expected 1 to {} pixels in all (draw fewer bars)", steps,
                     result.step_width(), most_width);
    }
    if (style.labels) {
        result.left = layout == Layout::stacked ? 52 : 32;
        result.top = layout == Layout::stacked ? 8 : legend_height;
        result.right = 10;
        result.bottom = 22;
        result.gap = 8;
    }
    if (!style.title.empty()) result.top += title_height;
    return result;
}

/// The tracks' names in figure order, each behind a patch of its colour, in a row whose middle is `y`.
void draw_legend(Picture& picture, int x, int y) {
    for (const int track : figure_order) {
        const Track& entry = tracks[static_cast<std::size_t>(track)];
        picture.fill(Rectangle{x, y - 4, 14, 8}, entry.color);
        picture.text({x + 19.0, y + 0.0}, entry.name, {.size = name_size, .color = text_color});
        x += 19 + static_cast<int>(text_width(entry.name, {.size = name_size})) + 18;
    }
}

/// Left of a panel, from the bottom to the top: the track's name behind a strip of its colour.
void draw_name(Picture& picture, const RollPanel& panel, int left, int track) {
    const Track& entry = tracks[static_cast<std::size_t>(track)];
    picture.fill(Rectangle{left + 15, panel.y, 4, panel.height()}, entry.color);
    picture.text({left + 7.0, panel.y + panel.height() / 2.0}, entry.name,
                 {.size = name_size, .color = text_color, .align = Align::center, .bold = true, .upward = true});
}

/// The roll with its top left corner, margins included, at (x, y).
void draw_roll(Picture& picture, const RollLayout& layout, int x, int y, const PianoRoll& roll) {
    const std::vector<Run> runs = note_runs(roll);
    for (int number = 0; number < layout.panels(); ++number) {
        const RollPanel panel = layout.panel(x, y, number);
        const int track = figure_order[static_cast<std::size_t>(number)];
        draw_paper(picture, panel);
        if (layout.layout == Layout::stacked) draw_track(picture, panel, runs, track);
        else draw_inks(picture, panel, runs);
        if (!layout.style.labels) continue;
        draw_pitch_axis(picture, panel);
        if (layout.layout == Layout::stacked) draw_name(picture, panel, x + 2, track);
        if (number + 1 == layout.panels()) draw_bar_axis(picture, panel);
    }
    const int left = layout.panel(x, y, 0).x;
    if (layout.style.labels && layout.layout == Layout::overlay)
        draw_legend(picture, left, y + layout.top - legend_height / 2);
    if (!layout.style.title.empty())
        picture.text({std::max(left, 4) + 0.0, y + title_height / 2 + 2.0}, layout.style.title,
                     {.size = 14, .color = text_color, .bold = true});
}

Picture roll_figure(const PianoRoll& roll, Layout layout, const RollStyle& style) {
    const RollLayout sizes = layout_of(roll.shape(), roll.steps(), layout, style);
    Picture picture(sizes.width(), sizes.height());
    draw_roll(picture, sizes, 0, 0, roll);
    return picture;
}

/// One or more phrases as rolls.
std::vector<PianoRoll> rolls_of(const PhraseView& phrases) {
    if (phrases.count() == 0) tensor::fail("figure", "no phrase, expected one or more");
    std::vector<PianoRoll> rolls;
    for (std::int64_t k = 0; k < phrases.count(); ++k) rolls.push_back(phrases.roll(k));
    return rolls;
}

/// Rolls of one layout in rows of `columns`, with a place for a caption above each.
struct Grid {
    static constexpr int gap = 10;

    RollLayout cell;
    int columns, rows;
    int left = 0, top = 0, caption = 0;

    int x_of(int column) const { return left + gap + column * (cell.width() + gap); }
    int y_of(int row) const { return top + gap + caption + row * (cell.height() + gap + caption); }
    int width() const { return x_of(columns); }
    int height() const { return y_of(rows) - caption; }

    void draw(Picture& picture, std::size_t k, const PianoRoll& roll, const std::string& text) const {
        const int x = x_of(static_cast<int>(k) % columns), y = y_of(static_cast<int>(k) / columns);
        draw_roll(picture, cell, x, y, roll);
        if (text.empty()) return;
        picture.text({x + cell.left + 1.0, y - caption / 2.0}, text, {.size = name_size, .color = text_color});
    }
};

}  // namespace

std::int64_t most_bars(const PhraseShape& shape, const RollStyle& style) {
    return most_width / (shape.steps_per_bar() * style.step_width * shape.finest_steps());
}

Picture tracks_figure(const PianoRoll& roll, const RollStyle& style) {
    return roll_figure(roll, Layout::stacked, style);
}

Picture overlay_figure(const PianoRoll& roll, const RollStyle& style) {
    return roll_figure(roll, Layout::overlay, style);
}

Picture grid_figure(const PhraseView& phrases, int columns, Layout layout, const std::vector<std::string>& captions,
                    const RollStyle& style) {
    const std::vector<PianoRoll> rolls = rolls_of(phrases);
    if (columns < 1 || (!captions.empty() && captions.size() != rolls.size())) {
        tensor::fail("grid_figure",
                     "{} columns and {} captions for {} phrases, expected 1 or more columns and no caption "
                     "or one each",
                     columns, captions.size(), rolls.size());
    }
    const int count = static_cast<int>(rolls.size());
    Grid grid{layout_of(phrases.shape(), phrases.shape().steps(), layout, style), std::min(columns, count), 0};
    grid.rows = (count + grid.columns - 1) / grid.columns;
    grid.top = legend_height;
    grid.caption = captions.empty() ? 0 : caption_height;
    Picture picture(grid.width(), grid.height());
    draw_legend(picture, grid.x_of(0), Grid::gap / 2 + legend_height / 2);
    for (std::size_t k = 0; k < rolls.size(); ++k) grid.draw(picture, k, rolls[k], captions.empty() ? "" : captions[k]);
    return picture;
}

Picture evolution_figure(const std::vector<Stage>& stages, const RollStyle& style) {
    if (stages.empty()) tensor::fail("evolution_figure", "no stage, expected one or more");
    std::vector<std::vector<PianoRoll>> columns;
    for (const Stage& stage : stages) {
        columns.push_back(rolls_of(stage.phrases));
        if (columns.back().size() != columns.front().size()) {
            tensor::fail("evolution_figure", "{} phrases at '{}', expected {} as at '{}'", columns.back().size(),
                         stage.label, columns.front().size(), stages.front().label);
        }
        if (stage.phrases.shape != stages.front().phrases.shape)
            tensor::fail("evolution_figure", "phrases of {} at '{}', expected {} as at '{}'",
                         stage.phrases.shape.to_string(), stage.label, stages.front().phrases.shape.to_string(),
                         stages.front().label);
    }
    const std::size_t rows = columns.front().size();
    const PhraseShape& shape = stages.front().phrases.shape;
    Grid grid{layout_of(shape, shape.steps(), Layout::stacked, style), static_cast<int>(columns.size()),
              static_cast<int>(rows)};
    grid.left = 16;
    grid.caption = caption_height;
    Picture picture(grid.width(), grid.height());
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t column = 0; column < columns.size(); ++column) {
            grid.draw(picture, row * columns.size() + column, columns[column][row],
                      row == 0 ? stages[column].label : "");
        }
        for (int number = 0; number < n_tracks; ++number) {
            const RollPanel panel = grid.cell.panel(grid.x_of(0), grid.y_of(static_cast<int>(row)), number);
            draw_name(picture, panel, 4, figure_order[static_cast<std::size_t>(number)]);
        }
    }
    return picture;
}

}  // namespace musegan
