#include "musegan/figures/figures.hpp"

#include <algorithm>
#include <array>

#include "musegan/figures/arrangement.hpp"
#include "musegan/figures/roll_panel.hpp"
#include "musegan/figures/text_layout.hpp"
#include "musegan/phrase/roll_bars.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr Color text_color{40, 40, 40};
constexpr double name_size = 11.0;
constexpr int title_height = 26;
constexpr int legend_height = 22;
constexpr int caption_height = 16;
const TextStyle caption_style{.size = name_size, .color = text_color};

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
        RollPanel panel{shape, x + left, y + top, steps, step_width(), style.pitch_height, style.bars_before};
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

constexpr int legend_patch = 19, legend_gap = 18;  // before a name and behind it

/// Pixels that draw_legend takes.
int legend_width() {
    int width = 0;
    for (const Track& entry : tracks)
        width += legend_patch + static_cast<int>(text_width(entry.name, {.size = name_size})) + legend_gap;
    return width;
}

/// The tracks' names in figure order, each behind a patch of its colour, in a row whose middle is `y`.
void draw_legend(Picture& picture, int x, int y) {
    for (const int track : figure_order) {
        const Track& entry = tracks[static_cast<std::size_t>(track)];
        picture.fill(Rectangle{x, y - 4, 14, 8}, entry.color);
        picture.text({x + legend_patch + 0.0, y + 0.0}, entry.name, {.size = name_size, .color = text_color});
        x += legend_patch + static_cast<int>(text_width(entry.name, {.size = name_size})) + legend_gap;
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
    const bool has_legend = style.labels && layout == Layout::overlay;
    const int least_width = has_legend ? sizes.panel(0, 0, 0).x + legend_width() : 0;
    Picture picture(std::max(sizes.width(), least_width), sizes.height());
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

/// Rolls of one layout in rows of `columns`, with a place for a caption above each, and axes at the left and lower
/// edges.
class Grid {
  public:
    static constexpr int gap = 10;
    static constexpr int names = 16;       ///< pixels for the names of tracks
    static constexpr int pitch_axis = 26;  ///< for those of pitches
    static constexpr int bar_axis = 16;    ///< below the lowest row, for the numbers of bars

    struct Around {
        bool legend = false, names = false, captions = false;
    };

    Grid(const PhraseShape& shape, Layout layout, const RollStyle& style, int columns, int count, const Around& around)
        : cell_(layout_of(shape, shape.steps(), layout, cell_style(style))),
          columns_(columns),
          count_(count),
          axes_(style.labels),
          around_(around),
          left_((around.names ? names : 0) + (style.labels ? pitch_axis : 0)),
          top_(around.legend ? legend_height : 0),
          caption_(around.captions ? caption_height : 0) {}

    Picture draw(const std::vector<PianoRoll>& rolls, const std::vector<std::string>& captions) const {
        const int width = x_of(columns_);
        Picture picture(around_.legend ? std::max(width, x_of(0) + legend_width()) : width,
                        y_of((count_ + columns_ - 1) / columns_) - caption_ + (axes_ ? bar_axis - gap / 2 : 0));
        if (around_.legend) draw_legend(picture, x_of(0), gap / 2 + legend_height / 2);
        for (int k = 0; k < count_; ++k) {
            const auto place = static_cast<std::size_t>(k);
            draw(picture, k, rolls[place], place < captions.size() ? captions[place] : "");
        }
        return picture;
    }

  private:
    static RollStyle cell_style(RollStyle style) {
        style.labels = false;
        style.title.clear();
        return style;
    }

    int x_of(int column) const { return left_ + gap + column * (cell_.width() + gap); }
    int y_of(int row) const { return top_ + gap + caption_ + row * (cell_.height() + gap + caption_); }

    void draw(Picture& picture, int k, const PianoRoll& roll, const std::string& caption) const {
        const int x = x_of(k % columns_), y = y_of(k / columns_);
        draw_roll(picture, cell_, x, y, roll);
        if (!caption.empty())
            picture.text({x + cell_.left + 1.0, y - caption_ / 2.0}, ellipsized(caption, cell_.width(), caption_style),
                         caption_style);
        for (int number = 0; number < cell_.panels() && k % columns_ == 0; ++number) {
            const RollPanel panel = cell_.panel(x, y, number);
            if (around_.names) draw_name(picture, panel, 4, figure_order[static_cast<std::size_t>(number)]);
            if (axes_) draw_pitch_axis(picture, panel);
        }
        if (axes_ && k + columns_ >= count_) draw_bar_axis(picture, cell_.panel(x, y, cell_.panels() - 1));
    }

    RollLayout cell_;
    int columns_, count_;
    bool axes_;
    Around around_;
    int left_, top_, caption_;
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

Picture lines_figure(const PianoRoll& roll, Layout layout, std::int64_t bars, const RollStyle& style) {
    std::vector<Picture> lines;
    RollStyle of_line = style;
    const std::int64_t in_line = std::clamp<std::int64_t>(bars, 1, most_bars(roll.shape(), style));
    for (std::int64_t bar = 0; bar < bars_in(roll); bar += in_line) {
        of_line.bars_before = style.bars_before + bar;
        lines.push_back(roll_figure(bars_of(roll, bar, std::min(bar + in_line, bars_in(roll))), layout, of_line));
        of_line.title.clear();
    }
    return stacked(lines);
}

std::int64_t most_bars_in_lines(const PhraseShape& shape, Layout layout, std::int64_t bars, const RollStyle& style) {
    const std::int64_t in_line = std::clamp<std::int64_t>(bars, 1, most_bars(shape, style));
    const Picture line = roll_figure(PianoRoll(shape, in_line * shape.steps_per_bar()), layout, style);
    const std::int64_t lines = std::min<std::int64_t>(
        max_picture_side / line.height(), max_picture_pixels / (std::int64_t{line.width()} * line.height()));
    return std::min(in_line * std::max<std::int64_t>(lines, 1), max_bars);
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
    const Grid grid(
        phrases.shape(), layout, style, std::min(columns, count), count,
        {.legend = true, .names = style.labels && layout == Layout::stacked, .captions = !captions.empty()});
    return titled(grid.draw(rolls, captions), style.title);
}

Picture evolution_figure(const std::vector<Stage>& stages, const RollStyle& style, Layout layout) {
    if (stages.empty()) tensor::fail("evolution_figure", "no stage, expected one or more");
    const Stage& first = stages.front();
    std::vector<std::string> labels;
    for (const Stage& stage : stages) {
        labels.push_back(stage.label);
        if (stage.phrases.count() != first.phrases.count())
            tensor::fail("evolution_figure", "{} phrases at '{}', expected {} as at '{}'", stage.phrases.count(),
                         stage.label, first.phrases.count(), first.label);
        if (stage.phrases.shape != first.phrases.shape)
            tensor::fail("evolution_figure", "phrases of {} at '{}', expected {} as at '{}'",
                         stage.phrases.shape.to_string(), stage.label, first.phrases.shape.to_string(), first.label);
    }
    std::vector<PianoRoll> rolls;  // row by row
    for (std::int64_t phrase = 0; phrase < first.phrases.count(); ++phrase)
        for (const Stage& stage : stages) rolls.push_back(stage.phrases.view().roll(phrase));
    if (rolls.empty()) tensor::fail("evolution_figure", "no phrase, expected one or more");
    const bool overlaid = layout == Layout::overlay;
    const Grid grid(first.phrases.shape, layout, style, static_cast<int>(stages.size()), static_cast<int>(rolls.size()),
                    {.legend = overlaid, .names = !overlaid, .captions = true});
    return titled(grid.draw(rolls, labels), style.title);
}

}  // namespace musegan
