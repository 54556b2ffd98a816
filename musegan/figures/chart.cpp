#include "musegan/figures/chart.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "musegan/figures/chart_values.hpp"
#include "musegan/figures/palette.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr int margin = 12;
constexpr int title_height = 28;
constexpr int row_height = 20;  // of the legend
const TextStyle label_style{.size = 12, .color = axis_color};

TextStyle aligned(Align align) {
    TextStyle style = label_style;
    style.align = align;
    return style;
}

bool is_drawn(const Series& series, std::size_t k) { return std::isfinite(series.x[k]) && std::isfinite(series.y[k]); }

Range range_of_x(const std::vector<Series>& series) {
    Range range;
    for (const Series& curve : series) {
        for (std::size_t k = 0; k < curve.x.size(); ++k) {
            if (std::isfinite(curve.x[k])) range.include(curve.x[k]);  // also where the curve is broken
        }
    }
    return range;
}

/// All values, or the middle ones, and all reference levels.
Range range_of_y(const std::vector<Series>& series, const std::vector<ReferenceLine>& references, bool clip_outliers) {
    std::vector<double> values;
    for (const Series& curve : series) {
        for (std::size_t k = 0; k < curve.x.size(); ++k) {
            if (is_drawn(curve, k)) values.push_back(curve.y[k]);
        }
    }
    Range range = range_of(std::move(values), clip_outliers);
    for (const ReferenceLine& line : references) {
        if (std::isfinite(line.y)) range.include(line.y);
    }
    return range;
}

/// Ticks of one axis and their texts.
struct Ticks {
    std::vector<double> at;
    std::vector<std::string> labels;

    Ticks(const Range& range, int count) : at(axis_ticks(range.low, range.high, count)), labels(tick_labels(at)) {}
    double widest() const {
        double width = 0;
        for (const std::string& label : labels) width = std::max(width, text_width(label, label_style));
        return width;
    }
};

/// As many ticks along `pixels` as leave room between their labels, ten at most.
Ticks ticks_of_x(const Range& range, int pixels) {
    for (int count = 10; count > 1; --count) {
        Ticks ticks(range, count);
        const auto places = static_cast<double>(std::max<std::size_t>(ticks.at.size(), 1));
        if (places * (ticks.widest() + 24) <= pixels) return ticks;
    }
    return Ticks(range, 1);
}

/// The plot area (columns left to right - 1, rows top to bottom - 1) and the maps from values to pixels.
struct Plot {
    int left, top, right, bottom;
    Range x, y;

    double x_of(double value) const { return left + 0.5 + (value - x.low) / (x.high - x.low) * (right - left - 1); }
    double y_of(double value) const { return bottom - 0.5 - (value - y.low) / (y.high - y.low) * (bottom - top - 1); }
    Rectangle area() const { return {left, top, right - left, bottom - top}; }
};

void draw_axes(Picture& picture, const Plot& plot, const Ticks& x_ticks, const Ticks& y_ticks,
               const ChartOptions& options) {
    for (std::size_t k = 0; k < y_ticks.at.size(); ++k) {
        const int y = static_cast<int>(std::floor(plot.y_of(y_ticks.at[k])));
        picture.fill(Rectangle{plot.left, y, plot.right - plot.left, 1}, grid_color);
        picture.fill(Rectangle{plot.left - 4, y, 4, 1}, axis_color);
        picture.text({plot.left - 8.0, y + 0.5}, y_ticks.labels[k], aligned(Align::right));
    }
    for (std::size_t k = 0; k < x_ticks.at.size(); ++k) {
        const int x = static_cast<int>(std::floor(plot.x_of(x_ticks.at[k])));
        picture.fill(Rectangle{x, plot.top, 1, plot.bottom - plot.top}, grid_color);
        picture.fill(Rectangle{x, plot.bottom, 1, 4}, axis_color);
        picture.text({x + 0.5, plot.bottom + 14.0}, x_ticks.labels[k], aligned(Align::center));
    }
    picture.text({(plot.left + plot.right) / 2.0, plot.bottom + 34.0}, options.x_label, aligned(Align::center));
    TextStyle upward = aligned(Align::center);
    upward.upward = true;
    picture.text({margin + 6.0, (plot.top + plot.bottom) / 2.0}, options.y_label, upward);
}

/// Each unbroken stretch of the curve as one line.
void draw_curve(Picture& picture, const Plot& plot, const Series& curve, const std::vector<double>& y, const Pen& pen) {
    constexpr double far = 1e4;  // Cairo's coordinates end at some millions
    std::vector<Point> line;
    const auto finish = [&] {
        Pen own = pen;
        if (line.size() == 1) own.width *= 3;  // a dot to be seen
        picture.line(thin_out(line), own, plot.area());
        line.clear();
    };
    for (std::size_t k = 0; k < y.size(); ++k) {
        if (std::isfinite(curve.x[k]) && std::isfinite(y[k]))
            line.push_back({plot.x_of(curve.x[k]), std::clamp(plot.y_of(y[k]), -far, far)});
        else finish();
    }
    finish();
}

void draw_curves(Picture& picture, const Plot& plot, const std::vector<Series>& series) {
    for (const Series& curve : series) {
        const bool filtered = curve.median_window > 1;
        draw_curve(picture, plot, curve, curve.y,
                   {.color = filtered ? tint(curve.color, 0.35) : curve.color, .width = filtered ? 1.0 : 1.6});
    }
    for (const Series& curve : series) {
        if (curve.median_window > 1)
            draw_curve(picture, plot, curve, running_median(curve.y, curve.median_window),
                       {.color = curve.color, .width = 2.2});
    }
}

Pen reference_pen(const ReferenceLine& line) { return {.color = line.color, .width = 1.6, .dash = 6.0}; }

void draw_reference(Picture& picture, const Plot& plot, const ReferenceLine& line) {
    if (!std::isfinite(line.y)) return;
    const double y = std::floor(plot.y_of(line.y)) + 0.5;
    picture.line({{plot.left + 0.0, y}, {plot.right + 0.0, y}}, reference_pen(line), plot.area());
}

/// Names behind a sample of their line, in rows from `left` to `right`. Returns the height taken; draws only if
/// `picture` is given.
int draw_legend(Picture* picture, int left, int right, int top, const std::vector<Series>& series,
                const std::vector<ReferenceLine>& references) {
    constexpr int sample = 26, gap = 7, space = 22;
    int x = left, y = top;
    const auto place = [&](const std::string& name, const Pen& pen) {
        const int width = sample + gap + static_cast<int>(std::ceil(text_width(name, label_style)));
        if (x > left && x + width > right) {
            x = left;
            y += row_height;
        }
        if (picture != nullptr) {
            const double middle = y + row_height / 2 + 0.5;
            picture->line({{x + 2.0, middle}, {x + sample - 2.0, middle}}, pen, {x, y, sample, row_height});
            picture->text({x + sample + gap + 0.0, middle}, name, label_style);
        }
        x += width + space;
    };
    for (const Series& curve : series) place(curve.name, {.color = curve.color, .width = 2.2});
    for (const ReferenceLine& line : references)
        if (!line.name.empty()) place(line.name, reference_pen(line));
    return series.empty() && references.empty() ? 0 : y + row_height - top;
}

void check_input(const std::vector<Series>& series, const ChartOptions& options) {
    if (options.width < 200 || options.height < 150) {
        tensor::fail("line_chart", "{} x {} pixels, expected at least 200 x 150", options.width, options.height);
    }
    for (const Series& curve : series) {
        if (curve.x.size() != curve.y.size()) {
            tensor::fail("line_chart", "series '{}' has {} x and {} y, expected as many of both", curve.name,
                         curve.x.size(), curve.y.size());
        }
    }
}

/// What charts that are compared have in common.
struct Axes {
    Range x{}, y{};
    int legend_height = 0;

    void include(const Axes& other) {
        for (const auto& [own, range] : {std::pair{&x, other.x}, {&y, other.y}}) {
            if (range.is_empty()) continue;
            own->include(range.low);
            own->include(range.high);
        }
    }
};

Axes axes_of(const Chart& chart) {
    return {range_of_x(chart.series), range_of_y(chart.series, chart.references, chart.options.clip_outliers), 0};
}

/// The plot and what stands around it, whose margins follow from it.
struct Frame {
    Plot plot;
    Ticks x_ticks, y_ticks;
    int legend_top, legend_height;
};

Frame frame_of(const Chart& chart, const Axes& axes) {
    const ChartOptions& options = chart.options;
    Plot plot{0, 0, options.width - margin, options.height - (options.x_label.empty() ? 30 : 50), axes.x, axes.y};
    if (plot.x.is_empty()) plot.x = {0, 1};
    if (plot.y.is_empty()) plot.y = {0, 1};
    plot.x.widen(plot.x.high > plot.x.low ? 0.0 : 0.5);
    plot.y.widen(0.06);
    const Ticks y_ticks(plot.y, std::clamp((options.height - 100) / 50, 2, 10));
    plot.left = margin + (options.y_label.empty() ? 0 : 20) + static_cast<int>(std::ceil(y_ticks.widest())) + 8;
    const int legend_top = margin / 2 + (options.title.empty() ? 0 : title_height);
    const int legend_height =
        std::max(axes.legend_height, draw_legend(nullptr, plot.left, plot.right, 0, chart.series, chart.references));
    plot.top = legend_top + legend_height + 8;
    const Ticks x_ticks = ticks_of_x(plot.x, plot.right - plot.left);
    plot.right -= static_cast<int>(x_ticks.widest() / 2);  // for a label below the right end
    return {plot, x_ticks, y_ticks, legend_top, legend_height};
}

Picture draw_chart(const Chart& chart, const Axes& axes) {
    const ChartOptions& options = chart.options;
    const Frame frame = frame_of(chart, axes);
    const Plot& plot = frame.plot;
    Picture picture(options.width, options.height);
    picture.text({plot.left + 0.0, margin / 2 + title_height / 2.0}, options.title, {.size = 15, .bold = true});
    draw_legend(&picture, plot.left, options.width - margin, frame.legend_top, chart.series, chart.references);
    draw_axes(picture, plot, frame.x_ticks, frame.y_ticks, options);
    const Axes own = axes_of(chart);
    if (own.x.is_empty() || own.y.is_empty())
        picture.text({plot.left + 20.0, (plot.top + plot.bottom) / 2.0}, "no finite values", label_style);
    draw_curves(picture, plot, chart.series);
    for (const ReferenceLine& line : chart.references) draw_reference(picture, plot, line);
    picture.frame({plot.left - 1, plot.top - 1, plot.right - plot.left + 2, plot.bottom - plot.top + 2}, axis_color);
    return picture;
}

}  // namespace

Picture line_chart(const std::vector<Series>& series, const std::vector<ReferenceLine>& references,
                   const ChartOptions& options) {
    return comparable_charts({{series, references, options}}).front();
}

std::vector<Picture> comparable_charts(const std::vector<Chart>& charts) {
    Axes axes;
    for (const Chart& chart : charts) {
        check_input(chart.series, chart.options);
        axes.include(axes_of(chart));
    }
    for (const Chart& chart : charts)
        axes.legend_height = std::max(axes.legend_height, frame_of(chart, axes).legend_height);
    std::vector<Picture> pictures;
    for (const Chart& chart : charts) pictures.push_back(draw_chart(chart, axes));
    return pictures;
}

}  // namespace musegan
