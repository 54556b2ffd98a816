#include "musegan/figures/chart.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "musegan/figures/canvas.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr Color axis_color{60, 60, 60};
constexpr Color grid_color{232, 232, 232};
constexpr int text_scale = 1;

struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    void include(double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    bool is_empty() const { return !(low <= high); }
    /// Never of no length, with a margin on both sides.
    void widen(double share) {
        const double length = high - low;
        const double margin = length > 0 ? length * share : std::max(std::abs(low) * 0.1, 1e-3);
        low -= margin;
        high += margin;
    }
};

bool is_drawn(const Series& series, std::size_t k) {
    return std::isfinite(series.x[k]) && std::isfinite(series.y[k]);
}

Range range_of_x(const std::vector<Series>& series) {
    Range range;
    for (const Series& curve : series) {
        for (std::size_t k = 0; k < curve.x.size(); ++k) {
            if (is_drawn(curve, k)) range.include(curve.x[k]);
        }
    }
    return range;
}

/// All values and reference levels, or without the outer 1 % on either side where those would triple the
/// range.
Range range_of_y(const std::vector<Series>& series, const std::vector<ReferenceLine>& references,
                 bool clip_outliers) {
    std::vector<double> values;
    for (const Series& curve : series) {
        for (std::size_t k = 0; k < curve.x.size(); ++k) {
            if (is_drawn(curve, k)) values.push_back(curve.y[k]);
        }
    }
    std::sort(values.begin(), values.end());
    Range range;
    if (!values.empty()) {
        const std::size_t outer = values.size() / 100;
        Range inner{values[outer], values[values.size() - 1 - outer]};
        range = {values.front(), values.back()};
        if (clip_outliers && inner.high > inner.low && range.high - range.low > 3 * (inner.high - inner.low))
            range = inner;
    }
    for (const ReferenceLine& line : references) {
        if (std::isfinite(line.y)) range.include(line.y);
    }
    return range;
}

std::string tick_text(double value, double step) {
    if (std::abs(value) < step * 1e-6) return "0";
    return fmt::format("{:.6g}", value);
}

/// The plot area and the maps from values to pixels.
struct Plot {
    int left, top, right, bottom;
    Range x, y;

    double x_of(double value) const { return left + (value - x.low) / (x.high - x.low) * (right - left); }
    double y_of(double value) const { return bottom - (value - y.low) / (y.high - y.low) * (bottom - top); }
    Clip clip() const { return {left, top, right + 1, bottom + 1}; }
};

void draw_axes(io::Image& image, const Plot& plot, const ChartOptions& options) {
    const std::vector<double> y_ticks = axis_ticks(plot.y.low, plot.y.high, (plot.bottom - plot.top) / 50);
    const std::vector<double> x_ticks = axis_ticks(plot.x.low, plot.x.high, (plot.right - plot.left) / 90);
    const auto step_of_ticks = [](const std::vector<double>& ticks) {
        return ticks.size() > 1 ? ticks[1] - ticks[0] : 1.0;
    };
    for (const double value : y_ticks) {
        const int y = static_cast<int>(std::lround(plot.y_of(value)));
        fill_rectangle(image, plot.left, y, plot.right - plot.left, 1, grid_color);
        fill_rectangle(image, plot.left - 4, y, 4, 1, axis_color);
        const std::string text = tick_text(value, step_of_ticks(y_ticks));
        draw_text(image, plot.left - 8 - text_width(text, text_scale), y - 3, text, axis_color, text_scale);
    }
    for (const double value : x_ticks) {
        const int x = static_cast<int>(std::lround(plot.x_of(value)));
        fill_rectangle(image, x, plot.top, 1, plot.bottom - plot.top, grid_color);
        fill_rectangle(image, x, plot.bottom, 1, 5, axis_color);
        const std::string text = tick_text(value, step_of_ticks(x_ticks));
        draw_text(image, x - text_width(text, text_scale) / 2, plot.bottom + 9, text, axis_color, text_scale);
    }
    draw_frame(image, plot.left, plot.top, plot.right - plot.left + 1, plot.bottom - plot.top + 1,
               axis_color);
    draw_text(image, (plot.left + plot.right - text_width(options.x_label)) / 2, plot.bottom + 24,
              options.x_label, axis_color);
    draw_text(image, 8, plot.top - 14, options.y_label, axis_color);
}

void draw_curve(io::Image& image, const Plot& plot, const Series& curve, const std::vector<double>& y,
                Color color, double width) {
    bool pen_down = false;
    double last_x = 0, last_y = 0;
    for (std::size_t k = 0; k < y.size(); ++k) {
        if (!std::isfinite(curve.x[k]) || !std::isfinite(y[k])) {
            pen_down = false;
            continue;
        }
        const double px = plot.x_of(curve.x[k]), py = std::clamp(plot.y_of(y[k]), -1e6, 1e6);
        draw_line(image, pen_down ? last_x : px, pen_down ? last_y : py, px, py, color, width, plot.clip());
        last_x = px;
        last_y = py;
        pen_down = true;
    }
}

void draw_reference(io::Image& image, const Plot& plot, const ReferenceLine& line) {
    if (!std::isfinite(line.y)) return;
    const int y = static_cast<int>(std::lround(plot.y_of(line.y)));
    for (int x = plot.left + 1; x < plot.right; x += 10) {
        fill_rectangle(image, x, y, std::min(5, plot.right - x), 2, line.color);
    }
}

/// Names with a sample of their line, in rows that end at `right`. Returns the height taken; draws only if
/// `image` is given.
int draw_legend(io::Image* image, int left, int right, int top, const std::vector<Series>& series,
                const std::vector<ReferenceLine>& references) {
    constexpr int sample = 22, row_height = 15;
    int x = left, y = top;
    const auto place = [&](const std::string& name, Color color, bool dashed) {
        const int width = sample + 6 + text_width(name) + 18;
        if (x > left && x + width > right) {
            x = left;
            y += row_height;
        }
        if (image != nullptr) {
            for (int part = 0; part < sample; part += dashed ? 9 : sample) {
                fill_rectangle(*image, x + part, y + 3, dashed ? 5 : sample, 2, color);
            }
            draw_text(*image, x + sample + 6, y, name, axis_color);
        }
        x += width;
    };
    for (const Series& curve : series) place(curve.name, curve.color, false);
    for (const ReferenceLine& line : references) place(line.name, line.color, true);
    return series.empty() && references.empty() ? 0 : y + row_height - top;
}

}  // namespace

std::vector<double> running_median(const std::vector<double>& values, int window) {
    std::vector<double> medians(values.size(), std::numeric_limits<double>::quiet_NaN());
    const auto half = static_cast<std::size_t>(std::max(window, 1) / 2);
    std::vector<double> nearby;
    for (std::size_t k = 0; k < values.size(); ++k) {
        nearby.clear();
        for (std::size_t j = k - std::min(k, half); j < std::min(values.size(), k + half + 1); ++j) {
            if (std::isfinite(values[j])) nearby.push_back(values[j]);
        }
        if (nearby.empty()) continue;
        const auto middle = nearby.begin() + static_cast<std::ptrdiff_t>(nearby.size() / 2);
        std::nth_element(nearby.begin(), middle, nearby.end());
        medians[k] = *middle;
        if (nearby.size() % 2 == 0) medians[k] = (*middle + *std::max_element(nearby.begin(), middle)) / 2;
    }
    return medians;
}

std::vector<double> axis_ticks(double low, double high, int count) {
    std::vector<double> ticks;
    if (!(high > low) || !std::isfinite(high - low)) return ticks;
    const double rough = (high - low) / std::max(count, 1);
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    const double share = rough / power;
    const double step = power * (share <= 1.0 ? 1 : share <= 2.0 ? 2 : share <= 5.0 ? 5 : 10);
    const double first = std::ceil(low / step - 1e-9);
    for (int k = 0; k < 1000 && (first + k) * step <= high + step * 1e-9; ++k)
        ticks.push_back((first + k) * step);
    return ticks;
}

io::Image line_chart(const std::vector<Series>& series, const std::vector<ReferenceLine>& references,
                     const ChartOptions& options) {
    if (options.width < 200 || options.height < 150) {
        tensor::fail("line_chart", "{} x {} pixels, expected at least 200 x 150", options.width,
                     options.height);
    }
    for (const Series& curve : series) {
        if (curve.x.size() != curve.y.size()) {
            tensor::fail("line_chart", "series '{}' has {} x and {} y, expected as many of both", curve.name,
                         curve.x.size(), curve.y.size());
        }
    }
    io::Image image = make_canvas(options.width, options.height);
    draw_text(image, 8, 8, options.title, black, 2);
    const int legend_top = options.title.empty() ? 8 : 32;
    const int legend_height = draw_legend(&image, 8, options.width - 8, legend_top, series, references);
    Plot plot{70,
              legend_top + legend_height + 22,
              options.width - 20,
              options.height - 44,
              range_of_x(series),
              range_of_y(series, references, options.clip_outliers)};
    const bool empty = plot.x.is_empty() || plot.y.is_empty();
    if (plot.x.is_empty()) plot.x = {0, 1};
    if (plot.y.is_empty()) plot.y = {0, 1};
    plot.x.widen(plot.x.high > plot.x.low ? 0.0 : 0.5);
    plot.y.widen(0.06);
    draw_axes(image, plot, options);
    if (empty) draw_text(image, plot.left + 20, (plot.top + plot.bottom) / 2, "no finite values", axis_color);
    for (const Series& curve : series) {
        const bool filtered = curve.median_window > 1;
        draw_curve(image, plot, curve, curve.y, filtered ? tint(curve.color, 0.35) : curve.color,
                   filtered ? 1.0 : 1.6);
    }
    for (const Series& curve : series) {
        if (curve.median_window <= 1) continue;
        draw_curve(image, plot, curve, running_median(curve.y, curve.median_window), curve.color, 2.2);
    }
    for (const ReferenceLine& line : references) draw_reference(image, plot, line);
    return image;
}

}  // namespace musegan
