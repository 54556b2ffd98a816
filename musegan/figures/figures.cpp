#include "musegan/figures/figures.hpp"

#include <algorithm>
#include <array>

#include "musegan/figures/canvas.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr Color frame_color{60, 60, 60};
constexpr Color bar_color{130, 130, 130};
constexpr Color beat_color{228, 228, 228};
constexpr Color octave_color{240, 240, 240};
constexpr Color text_color{40, 40, 40};

/// Where things stand in a figure of stacked panels.
struct Geometry {
    std::int64_t steps;
    int step_width, pitch_height;
    int left, top, bottom;  // margins
    int panels, gap;

    int panel_width() const { return static_cast<int>(steps) * step_width + 2; }
    int panel_height() const { return n_pitches * pitch_height + 2; }
    int panel_top(int panel) const { return top + panel * (panel_height() + gap); }
    int width() const { return left + panel_width() + (left > 0 ? 8 : 0); }
    int height() const { return panel_top(panels) - gap + bottom; }
    int x_of(std::int64_t step) const { return left + 1 + static_cast<int>(step) * step_width; }
    int y_of(int panel, int pitch) const {
        return panel_top(panel) + 1 + (n_pitches - 1 - pitch) * pitch_height;
    }
};

Geometry geometry_of(const PianoRoll& roll, const RollStyle& style, int panels) {
    if (style.step_width < 1 || style.pitch_height < 1 || style.step_width > 64 || style.pitch_height > 64) {
        tensor::fail("figure", "cells of {} x {} pixels, expected 1 to 64", style.step_width,
                     style.pitch_height);
    }
    if (roll.steps() < 1 || roll.steps() * style.step_width > io::max_image_side - 256) {
        tensor::fail("figure", "{} steps of {} pixels, expected 1 to {} pixels in all (draw fewer bars)",
                     roll.steps(), style.step_width, io::max_image_side - 256);
    }
    Geometry geometry{roll.steps(), style.step_width, style.pitch_height, 0, 0, 0, panels, -1};
    if (style.labels) {
        geometry.left = 74;
        geometry.top = 6;
        geometry.bottom = 18;
        geometry.gap = 4;
    }
    if (!style.title.empty()) geometry.top = 30;
    return geometry;
}

/// The empty panel: white, octave and beat lines light, bar lines dark. Lines stand on the first pixel of
/// their step.
void draw_panel(io::Image& image, const Geometry& geometry, int panel) {
    const int top = geometry.panel_top(panel), height = geometry.panel_height();
    fill_rectangle(image, geometry.left, top, geometry.panel_width(), height, white);
    for (int pitch = 12; pitch < n_pitches; pitch += 12) {
        const int y = geometry.y_of(panel, pitch) + geometry.pitch_height - 1;
        fill_rectangle(image, geometry.left, y, geometry.panel_width(), 1, octave_color);
    }
    for (std::int64_t step = 0; step < geometry.steps; step += steps_per_beat) {
        fill_rectangle(image, geometry.x_of(step), top, 1, height,
                       step % steps_per_bar == 0 ? bar_color : beat_color);
    }
    draw_frame(image, geometry.left, top, geometry.panel_width(), height, frame_color);
}

void draw_labels(io::Image& image, const Geometry& geometry, const RollStyle& style) {
    if (!style.title.empty()) draw_text(image, std::max(geometry.left, 2), 7, style.title, text_color, 2);
    if (!style.labels) return;
    for (std::int64_t step = 0; step < geometry.steps; step += steps_per_bar) {
        const std::string bar = std::to_string(step / steps_per_bar + 1);
        draw_text(image, geometry.x_of(step) + 2, geometry.height() - 13, bar, text_color);
    }
    for (int panel = 0; panel < geometry.panels; ++panel) {
        for (int octave = 2; octave <= 6; octave += 2) {  // C2, C4 (middle C), C6
            const int y = geometry.y_of(panel, (octave - 1) * 12) + geometry.pitch_height / 2 - 3;
            const std::string name = fmt::format("C{}", octave);
            draw_text(image, geometry.left - 4 - text_width(name), y, name, bar_color);
        }
    }
}

void draw_name(io::Image& image, const Geometry& geometry, int panel, int row, int track) {
    const Track& entry = tracks[static_cast<std::size_t>(track)];
    const int y = geometry.panel_top(panel) + 4 + row * 14;
    fill_rectangle(image, 4, y, 7, 7, entry.color);
    draw_text(image, 14, y, entry.name, text_color);
}

/// Splits packed phrases into rolls.
std::vector<PianoRoll> rolls_of(std::span<const std::uint8_t> phrases) {
    const auto bytes = static_cast<std::size_t>(bytes_per_phrase);
    if (phrases.empty() || phrases.size() % bytes != 0) {
        tensor::fail("figure", "{} bytes of phrases, expected a multiple of {}", phrases.size(), bytes);
    }
    std::vector<PianoRoll> rolls;
    for (std::size_t at = 0; at < phrases.size(); at += bytes) {
        rolls.emplace_back(steps_per_phrase, phrases.subspan(at, bytes));
    }
    return rolls;
}

/// Equal pictures in rows of `columns`, a caption above each where there are any.
io::Image tile(const std::vector<io::Image>& pictures, int columns, const std::vector<std::string>& captions,
               int left) {
    constexpr int gap = 10;
    const int caption_height = captions.empty() ? 0 : 12;
    const int rows = (static_cast<int>(pictures.size()) + columns - 1) / columns;
    const int cell_width = pictures.front().width + gap,
              cell_height = pictures.front().height + gap + caption_height;
    io::Image image = make_canvas(left + gap + columns * cell_width, gap + rows * cell_height);
    for (std::size_t k = 0; k < pictures.size(); ++k) {
        const int x = left + gap + static_cast<int>(k) % columns * cell_width;
        const int y = gap + static_cast<int>(k) / columns * cell_height;
        if (!captions.empty()) draw_text(image, x + 1, y, captions[k], text_color);
        draw_image(image, x, y + caption_height, pictures[k]);
    }
    return image;
}

io::Image draw(const PianoRoll& roll, Layout layout, const RollStyle& style) {
    return layout == Layout::stacked ? tracks_figure(roll, style) : overlay_figure(roll, style);
}

}  // namespace

io::Image tracks_figure(const PianoRoll& roll, const RollStyle& style) {
    const Geometry geometry = geometry_of(roll, style, n_tracks);
    io::Image image = make_canvas(geometry.width(), geometry.height());
    std::array<int, n_tracks> panel_of{};
    for (int panel = 0; panel < n_tracks; ++panel) {
        const int track = figure_order[static_cast<std::size_t>(panel)];
        panel_of[static_cast<std::size_t>(track)] = panel;
        draw_panel(image, geometry, panel);
        if (style.labels) draw_name(image, geometry, panel, 0, track);
    }
    for_each_cell(roll.bits(), [&](std::int64_t step, int pitch, int track) {
        const int panel = panel_of[static_cast<std::size_t>(track)];
        // A drum hit is one step of silence-ringed ink: widened to three, it can be seen.
        const int width = is_drums(track) ? std::max(style.step_width, 3) : style.step_width;
        fill_rectangle(image, geometry.x_of(step), geometry.y_of(panel, pitch), width, style.pitch_height,
                       tracks[static_cast<std::size_t>(track)].color);
    });
    draw_labels(image, geometry, style);
    return image;
}

io::Image overlay_figure(const PianoRoll& roll, const RollStyle& style) {
    const Geometry geometry = geometry_of(roll, style, 1);
    io::Image image = make_canvas(geometry.width(), geometry.height());
    draw_panel(image, geometry, 0);
    for_each_cell(roll.bits(), [&](std::int64_t step, int pitch, int track) {
        multiply_rectangle(image, geometry.x_of(step), geometry.y_of(0, pitch), style.step_width,
                           style.pitch_height, tracks[static_cast<std::size_t>(track)].color);
    });
    if (style.labels) {
        for (int row = 0; row < n_tracks; ++row) {
            draw_name(image, geometry, 0, row, figure_order[static_cast<std::size_t>(row)]);
        }
    }
    draw_labels(image, geometry, style);
    return image;
}

io::Image grid_figure(std::span<const std::uint8_t> phrases, int columns, Layout layout,
                      const std::vector<std::string>& captions, const RollStyle& style) {
    const std::vector<PianoRoll> rolls = rolls_of(phrases);
    if (columns < 1 || (!captions.empty() && captions.size() != rolls.size())) {
        tensor::fail("grid_figure",
                     "{} columns and {} captions for {} phrases, expected 1 or more columns and no caption "
                     "or one each",
                     columns, captions.size(), rolls.size());
    }
    std::vector<io::Image> pictures;
    for (const PianoRoll& roll : rolls) pictures.push_back(draw(roll, layout, style));
    return tile(pictures, std::min(columns, static_cast<int>(rolls.size())), captions, 0);
}

io::Image evolution_figure(const std::vector<Stage>& stages, const RollStyle& style) {
    if (stages.empty()) tensor::fail("evolution_figure", "no stage, expected one or more");
    std::vector<std::vector<PianoRoll>> columns;
    for (const Stage& stage : stages) {
        columns.push_back(rolls_of(stage.phrases));
        if (columns.back().size() != columns.front().size()) {
            tensor::fail("evolution_figure", "{} phrases at '{}', expected {} as at '{}'",
                         columns.back().size(), stage.label, columns.front().size(), stages.front().label);
        }
    }
    std::vector<io::Image> pictures;
    std::vector<std::string> captions;
    for (std::size_t row = 0; row < columns.front().size(); ++row) {
        for (std::size_t column = 0; column < columns.size(); ++column) {
            pictures.push_back(tracks_figure(columns[column][row], style));
            captions.push_back(row == 0 ? stages[column].label : "");
        }
    }
    constexpr int left = 52;
    io::Image image = tile(pictures, static_cast<int>(stages.size()), captions, left);
    const int cell_height = pictures.front().height + 22;
    for (int row = 0; row < static_cast<int>(columns.front().size()); ++row) {
        for (int panel = 0; panel < n_tracks; ++panel) {
            const auto track = static_cast<std::size_t>(figure_order[static_cast<std::size_t>(panel)]);
            const int y = 22 + row * cell_height + panel * (pictures.front().height / n_tracks) +
                          n_pitches * style.pitch_height / 2;
            draw_text(image, left + 4 - text_width(tracks[track].name), y - 3, tracks[track].name,
                      text_color);
        }
    }
    return image;
}

}  // namespace musegan
