#include "musegan/figures/field_figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "musegan/figures/color_map.hpp"
#include "musegan/figures/level_lines.hpp"
#include "musegan/figures/palette.hpp"
#include "musegan/figures/text_layout.hpp"
#include "musegan/figures/value_scale.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr int bands = static_cast<int>(color_map.size());
constexpr Color real_color{20, 20, 50}, fake_color{213, 62, 0};
constexpr double dot = 3.6, rim = 0.7;  // across, and around it in white
constexpr int smallest_side = 120, largest_side = 4096, most_cells = 4096;
constexpr const char* note =
    "Each panel has its own colours, from the lowest value in it to the highest; its lines cut that range into eleven "
    "equal parts.";

const TextStyle title_style{.size = 15, .bold = true};
const TextStyle column_style{.size = 12, .color = axis_color, .align = Align::center, .bold = true};
const TextStyle row_style{.size = 12, .color = axis_color, .align = Align::center, .bold = true, .upward = true};
const TextStyle legend_style{.size = 12, .color = axis_color};
const TextStyle caption_style{.size = 11, .color = axis_color, .align = Align::center};
const TextStyle small_style{.size = 10, .color = axis_color};

TextStyle aligned(TextStyle style, Align align) {
    style.align = align;
    return style;
}

void validate(const FieldPicture& picture) {
    constexpr const char* where = "field_figure";
    if (picture.rows.empty() || picture.columns.empty())
        tensor::fail(where, "{} rows of {} columns, expected one or more of both", picture.rows.size(),
                     picture.columns.size());
    if (picture.grid.cells < 1 || picture.grid.cells > most_cells)
        tensor::fail(where, "a grid of {} cells a side, expected 1 to {}", picture.grid.cells, most_cells);
    if (!(picture.grid.reach > 0) || !std::isfinite(picture.grid.reach))
        tensor::fail(where, "a grid that reaches {}, expected a finite number above 0", picture.grid.reach);
    if (picture.panel_side < smallest_side || picture.panel_side > largest_side)
        tensor::fail(where, "panels of {} pixels a side, expected {} to {}", picture.panel_side, smallest_side,
                     largest_side);
    const auto expected = static_cast<std::size_t>(picture.grid.values());
    for (const FieldRow& row : picture.rows) {
        if (row.panels.size() != picture.columns.size())
            tensor::fail(where, "row '{}' has {} panels, expected {}, one per column", row.name, row.panels.size(),
                         picture.columns.size());
        for (const FieldPanel& panel : row.panels)
            if (panel.values.size() != expected)
                tensor::fail(where, "a panel of row '{}' has {} values, expected {}, one per point of the grid",
                             row.name, panel.values.size(), expected);
    }
}

/// Where everything stands.
struct Sheet {
    static constexpr int margin = 14, gap = 16, line = 16;  // around and between panels, of text
    static constexpr int title = 30, legend = 26, scale = 22, caption = 18, space = 10;  // heights
    static constexpr int legend_dot = 13, legend_gap = 22;                               // widths

    explicit Sheet(const FieldPicture& picture) : side(picture.panel_side) {
        std::size_t column_lines = 0, row_lines = 0;
        for (const std::string& name : picture.columns) {
            columns.push_back(wrapped(name, side, column_style));
            column_lines = std::max(column_lines, columns.back().size());
        }
        bool any_caption = false;
        for (const FieldRow& row : picture.rows) {
            rows.push_back(wrapped(row.name, side, row_style));
            row_lines = std::max(row_lines, rows.back().size());
            for (const FieldPanel& panel : row.panels) any_caption = any_caption || !panel.caption.empty();
        }
        left = margin + static_cast<int>(row_lines) * line + (row_lines > 0 ? 6 : 0);
        width = left + static_cast<int>(columns.size()) * (side + gap) - gap + margin;
        const double names = text_width(picture.real_name, legend_style) + text_width(picture.fake_name, legend_style);
        legend_lines = 2 * legend_dot + legend_gap + names <= room() ? 1 : 2;
        headings = 8 + (picture.title.empty() ? 0 : title) + legend_lines * legend;
        panels = headings + static_cast<int>(column_lines) * line + 6;
        row_height = side + scale + (any_caption ? caption : 0) + space;
        notes = wrapped(note, room(), small_style);
        end = panels + static_cast<int>(rows.size()) * row_height;
        height = end + static_cast<int>(notes.size()) * line + 6;
    }

    int room() const { return width - left - margin; }
    int x_of(std::size_t column) const { return left + static_cast<int>(column) * (side + gap); }
    int y_of(std::size_t row) const { return panels + static_cast<int>(row) * row_height; }

    int side;
    int left = 0, width = 0, legend_lines = 0, headings = 0, panels = 0, row_height = 0, end = 0, height = 0;
    std::vector<std::vector<std::string>> columns, rows;  // names in lines
    std::vector<std::string> notes;
};

/// Of the values at the corners of its cell, at the middle of a pixel; not finite where one of them is not.
double share_at(const FieldPicture& all, const std::vector<double>& shares, double right, double up) {
    const int cells = all.grid.cells, side = all.grid.side();
    const int column = std::min(static_cast<int>(right), cells - 1), row = std::min(static_cast<int>(up), cells - 1);
    const auto at = [&](int k) { return shares[static_cast<std::size_t>(row * side + column + k)]; };
    const double u = right - column, v = up - row;
    return (1 - v) * ((1 - u) * at(0) + u * at(1)) + v * ((1 - u) * at(side) + u * at(side + 1));
}

/// A colour for every part of the range, pixel by pixel; neighbours of one colour are one rectangle.
void draw_colors(Picture& picture, const FieldPicture& all, const std::vector<double>& shares, int x, int y) {
    const int side = all.panel_side;
    const double step = static_cast<double>(all.grid.cells) / side;
    std::array<std::vector<Rectangle>, bands> areas;
    for (int row = 0; row < side; ++row) {
        const auto band_of = [&](int column) {
            const double share = share_at(all, shares, (column + 0.5) * step, (side - row - 0.5) * step);
            return std::isfinite(share) ? std::clamp(static_cast<int>(share * bands), 0, bands - 1) : -1;
        };
        int begin = 0, band = band_of(0);
        for (int column = 1; column <= side; ++column) {
            const int next = column < side ? band_of(column) : -2;
            if (next == band) continue;
            if (band >= 0) areas[static_cast<std::size_t>(band)].push_back({x + begin, y + row, column - begin, 1});
            begin = column;
            band = next;
        }
    }
    for (std::size_t band = 0; band < areas.size(); ++band)
        if (!areas[band].empty()) picture.fill(std::move(areas[band]), color_map[band]);
}

/// A function and its points in the square whose upper left corner is given.
class PanelPainter {
  public:
    PanelPainter(Picture& picture, const FieldPicture& all, int x, int y)
        : picture_(picture), all_(all), area_{x, y, all.panel_side, all.panel_side} {}

    void draw_lines(const std::vector<double>& shares) const {
        for (std::size_t k = 1; k < color_map.size(); ++k) {
            const Color color = mixed(mixed(color_map[k - 1], color_map[k], 0.5), {0, 40, 80}, 0.5);
            for (const LevelLine& line : level_lines(all_.grid, shares, static_cast<double>(k) / bands)) {
                std::vector<Point> points;
                for (const PlanePoint& point : line) points.push_back(on_paper(point));
                picture_.line(std::move(points), {.color = color, .width = 0.9}, area_);
            }
        }
    }
    /// By turns, so that neither kind hides the other. Returns how many lie outside.
    int draw_points(const std::vector<PlanePoint>& real, const std::vector<PlanePoint>& fake) const {
        int outside = 0;
        const auto draw = [&](const PlanePoint& point, Color color) {
            if (!(std::abs(point.x) <= all_.grid.reach && std::abs(point.y) <= all_.grid.reach)) {
                ++outside;
                return;
            }
            picture_.line({on_paper(point)}, {.color = white, .width = dot + 2 * rim}, area_);
            picture_.line({on_paper(point)}, {.color = color, .width = dot}, area_);
        };
        // The k-th of n points has its turn at (k + 1/2) / n.
        for (std::size_t r = 0, f = 0; r < real.size() || f < fake.size();) {
            const bool is_real =
                f == fake.size() || (r < real.size() && (2 * r + 1) * fake.size() <= (2 * f + 1) * real.size());
            if (is_real) draw(real[r++], real_color);
            else draw(fake[f++], fake_color);
        }
        return outside;
    }
    void draw_count_outside(int count) const {
        if (count == 0) return;
        const std::string text = fmt::format("{} outside", count);
        const int width = static_cast<int>(std::ceil(text_width(text, small_style))) + 8;
        picture_.fill(Rectangle{area_.x + area_.width - width, area_.y, width, 15}, white);
        picture_.text({area_.x + area_.width - 4.0, area_.y + 8.0}, text, aligned(small_style, Align::right));
    }
    void draw_frame() const {
        picture_.frame({area_.x - 1, area_.y - 1, area_.width + 2, area_.height + 2}, axis_color);
    }

  private:
    Point on_paper(const PlanePoint& point) const {
        const double reach = all_.grid.reach;
        return {area_.x + (point.x / reach + 1) / 2 * area_.width, area_.y + (1 - point.y / reach) / 2 * area_.height};
    }

    Picture& picture_;
    const FieldPicture& all_;
    Rectangle area_;
};

/// All colours between the values at which they begin and end.
void draw_scale(Picture& picture, const ValueScale& scale, int x, int y, int side) {
    const double middle = x + side / 2.0;
    if (scale.is_empty() || scale.is_flat()) {
        const std::string text = scale.is_empty() ? "no finite value" : scale.text(scale.high) + " everywhere";
        picture.text({middle, y + 0.0}, text, aligned(small_style, Align::center));
        return;
    }
    const std::string low = scale.text(scale.low), high = scale.text(scale.high);
    const double longest = std::max(text_width(low, small_style), text_width(high, small_style));
    const int swatch = std::clamp(static_cast<int>((side - 2 * longest - 12) / bands), 1, 9), width = bands * swatch;
    const int begin = x + (side - width) / 2;
    for (int band = 0; band < bands; ++band)
        picture.fill(Rectangle{begin + band * swatch, y - 4, swatch, 8}, color_map[static_cast<std::size_t>(band)]);
    picture.text({begin - 6.0, y + 0.0}, low, aligned(small_style, Align::right));
    picture.text({begin + width + 6.0, y + 0.0}, high, small_style);
}

void draw_panel(Picture& picture, const FieldPicture& all, const FieldPanel& panel, int x, int y) {
    const ValueScale scale(panel.values);
    std::vector<double> shares(panel.values.size());
    std::ranges::transform(panel.values, shares.begin(), [&](double value) { return scale.share(value); });
    draw_colors(picture, all, shares, x, y);
    const PanelPainter painter(picture, all, x, y);
    painter.draw_lines(shares);
    painter.draw_count_outside(painter.draw_points(panel.real, panel.fake));
    painter.draw_frame();
    draw_scale(picture, scale, x, y + all.panel_side + 12, all.panel_side);
    picture.text({x + all.panel_side / 2.0, y + all.panel_side + 29.0},
                 ellipsized(panel.caption, all.panel_side + Sheet::gap - 4, caption_style), caption_style);
}

/// A dot of either kind and its name.
void draw_legend(Picture& picture, const FieldPicture& all, const Sheet& sheet) {
    const Rectangle everywhere{0, 0, picture.width(), picture.height()};
    double x = sheet.left, y = sheet.headings - Sheet::legend * sheet.legend_lines + 8.0;
    for (const auto& [name, color] : {std::pair{all.real_name, real_color}, std::pair{all.fake_name, fake_color}}) {
        picture.line({{x + 4.0, y + 0.5}}, {.color = color, .width = 7}, everywhere);
        picture.text({x + Sheet::legend_dot, y}, ellipsized(name, sheet.room() - Sheet::legend_dot, legend_style),
                     legend_style);
        if (sheet.legend_lines > 1) y += Sheet::legend;
        else x += Sheet::legend_dot + text_width(name, legend_style) + Sheet::legend_gap;
    }
}

}  // namespace

Picture field_figure(const FieldPicture& all) {
    validate(all);
    const Sheet sheet(all);
    Picture picture(sheet.width, sheet.height);
    picture.text({sheet.left + 0.0, 20.0}, ellipsized(all.title, sheet.room(), title_style), title_style);
    draw_legend(picture, all, sheet);
    for (std::size_t column = 0; column < sheet.columns.size(); ++column) {
        const auto& lines = sheet.columns[column];
        for (std::size_t k = 0; k < lines.size(); ++k)
            picture.text({sheet.x_of(column) + sheet.side / 2.0,
                          sheet.panels - 12.0 - Sheet::line * static_cast<double>(lines.size() - 1 - k)},
                         lines[k], column_style);
    }
    for (std::size_t row = 0; row < sheet.rows.size(); ++row) {
        const auto& lines = sheet.rows[row];
        for (std::size_t k = 0; k < lines.size(); ++k)
            picture.text({sheet.left - 13.0 - Sheet::line * static_cast<double>(lines.size() - 1 - k),
                          sheet.y_of(row) + sheet.side / 2.0},
                         lines[k], row_style);
        for (std::size_t column = 0; column < sheet.columns.size(); ++column)
            draw_panel(picture, all, all.rows[row].panels[column], sheet.x_of(column), sheet.y_of(row));
    }
    for (std::size_t k = 0; k < sheet.notes.size(); ++k)
        picture.text({sheet.left + 0.0, sheet.end + 6.0 + Sheet::line * static_cast<double>(k)}, sheet.notes[k],
                     small_style);
    return picture;
}

}  // namespace musegan
