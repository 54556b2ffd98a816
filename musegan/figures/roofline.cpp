#include "musegan/figures/roofline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "musegan/figures/chart_values.hpp"
#include "musegan/figures/label_places.hpp"
#include "musegan/figures/palette.hpp"
#include "musegan/figures/roofline_content.hpp"
#include "musegan/figures/text_layout.hpp"
#include "tensor/error.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

constexpr int margin = 12;
constexpr int title_height = 28;
constexpr int row_height = 20;  // of the legend and of the notes
constexpr double line_height = 15;
constexpr Color faint_grid_color{245, 245, 245};
const TextStyle label_style{.size = 12, .color = axis_color};
const TextStyle dot_style{.size = 11, .color = {30, 30, 30}};
const TextStyle title_style{.size = 15, .bold = true};
const TextStyle roof_style{.size = 12, .color = axis_color, .bold = true};

TextStyle aligned(TextStyle style, Align align) {
    style.align = align;
    return style;
}

/// "0.01", "30", "1,000": a power of ten, or 2 or 5 times it.
std::string tick_text(double value) { return tick_labels({value}).front(); }

/// Three digits, or all before the point: "9.60", "96.0", "16,000".
std::string rate_text(double value) {
    if (value >= 99.5) return tensor::count_text(std::llround(value));
    return fmt::format("{:.{}f}", value, value < 9.95 ? 2 : 1);
}

void check_input(const Roofline& roofline) {
    if (roofline.width < 400 || roofline.height < 300)
        tensor::fail("roofline", "{} x {} pixels, expected at least 400 x 300", roofline.width, roofline.height);
    const auto check = [](const std::string& name, double value, const char* unit) {
        if (!(value >= 0) || !std::isfinite(value))
            tensor::fail("roofline", "'{}' has {} {}, expected a finite value that is not negative", name, value, unit);
    };
    for (const RooflineCeiling& ceiling : roofline.ceilings) check(ceiling.name, ceiling.gflops, "GFLOP/s");
    for (const RooflineSlope& slope : roofline.slopes) check(slope.name, slope.gb_s, "GB/s");
    for (const RooflineDot& dot : roofline.dots) {
        check(dot.name, dot.gflops, "GFLOP/s");
        check(dot.name, dot.intensity, "FLOP per byte");
        check(dot.name, dot.share, "of the time");
    }
}

/// The plot area (columns left to right - 1, rows top to bottom - 1) and the maps from values to pixels.
struct Plot {
    int left, top, right, bottom;
    Range x, y;  // logarithms to base 10

    double x_of(double value) const {
        return left + 0.5 + (std::log10(value) - x.low) / (x.high - x.low) * (right - left - 1);
    }
    double y_of(double value) const {
        return bottom - 0.5 - (std::log10(value) - y.low) / (y.high - y.low) * (bottom - top - 1);
    }
    /// What stands at row y of the vertical axis.
    double value_at(double row) const { return std::pow(10, y.high - (row - top) / (bottom - top) * (y.high - y.low)); }
    Rectangle area() const { return {left, top, right - left, bottom - top}; }
    double least_x() const { return std::pow(10, x.low); }
    double most_x() const { return std::pow(10, x.high); }
};

/// All dots, the roofs, and where these meet, with some room around.
void set_ranges(Plot& plot, const RooflineContent& content) {
    const auto include = [](Range& range, double value) {
        if (value > 0) range.include(std::log10(value));
    };
    for (const RooflineDot& dot : content.dots) {
        include(plot.x, dot.intensity);
        include(plot.y, dot.gflops);
    }
    for (const RooflineCeiling& ceiling : content.ceilings) {
        include(plot.y, ceiling.gflops);
        for (const RooflineSlope& slope : content.slopes) include(plot.x, ceiling.gflops / slope.gb_s);
    }
    for (Range* range : {&plot.x, &plot.y}) {
        if (range->is_empty()) *range = {-1, 2};
        // Names of ceilings stand above them.
        const double length = range->high - range->low;
        *range = {range->low - 0.25, range->high + (range == &plot.y ? 0.15 + 0.06 * length : 0.4)};
    }
}

struct Tick {
    double value;
    bool is_power;
};

/// 1 to 9 times every power of ten in `range`.
std::vector<Tick> ticks_of(const Range& range) {
    std::vector<Tick> ticks;
    for (int power = static_cast<int>(std::floor(range.low)); power <= range.high; ++power)
        for (int digit = 1; digit <= 9; ++digit) {
            const double value = digit * std::pow(10.0, power);
            if (std::log10(value) >= range.low && std::log10(value) <= range.high) ticks.push_back({value, digit == 1});
        }
    return ticks;
}

/// Powers of ten have labels; 2 and 5 times these too where fewer than three powers are in sight.
bool has_label(const Tick& tick, const Range& range) {
    if (tick.is_power) return true;
    const double leading = tick.value / std::pow(10.0, std::floor(std::log10(tick.value) + 1e-9));
    return range.high - range.low < 2.2 && (std::lround(leading) == 2 || std::lround(leading) == 5);
}

double widest_label(const Range& range) {
    double widest = 0;
    for (const Tick& tick : ticks_of(range))
        if (has_label(tick, range)) widest = std::max(widest, text_width(tick_text(tick.value), label_style));
    return widest;
}

void draw_axes(Picture& picture, const Plot& plot) {
    for (const bool power : {false, true}) {  // strong lines over faint ones
        const Color color = power ? grid_color : faint_grid_color;
        for (const Tick& tick : ticks_of(plot.x))
            if (tick.is_power == power)
                picture.fill(Rectangle{static_cast<int>(plot.x_of(tick.value)), plot.top, 1, plot.bottom - plot.top},
                             color);
        for (const Tick& tick : ticks_of(plot.y))
            if (tick.is_power == power)
                picture.fill(Rectangle{plot.left, static_cast<int>(plot.y_of(tick.value)), plot.right - plot.left, 1},
                             color);
    }
    for (const Tick& tick : ticks_of(plot.x)) {
        const double x = std::floor(plot.x_of(tick.value));
        picture.fill(Rectangle{static_cast<int>(x), plot.bottom, 1, tick.is_power ? 5 : 3}, axis_color);
        if (has_label(tick, plot.x))
            picture.text({x + 0.5, plot.bottom + 15.0}, tick_text(tick.value), aligned(label_style, Align::center));
    }
    for (const Tick& tick : ticks_of(plot.y)) {
        const double y = std::floor(plot.y_of(tick.value));
        const int length = tick.is_power ? 5 : 3;
        picture.fill(Rectangle{plot.left - length, static_cast<int>(y), length, 1}, axis_color);
        if (has_label(tick, plot.y))
            picture.text({plot.left - 9.0, y + 0.5}, tick_text(tick.value), aligned(label_style, Align::right));
    }
    picture.text({(plot.left + plot.right) / 2.0, plot.bottom + 34.0}, "FLOP per byte",
                 aligned(label_style, Align::center));
    TextStyle upward = aligned(label_style, Align::center);
    upward.upward = true;
    picture.text({margin + 6.0, (plot.top + plot.bottom) / 2.0}, "GFLOP/s", upward);
}

/// Draws what labels keep away from, and remembers it.
class RooflinePainter {
  public:
    RooflinePainter(Picture& picture, const Plot& plot, const RooflineContent& content)
        : picture_(picture), plot_(plot), content_(content) {
        const Rectangle area = plot.area();
        area_ = {area.x + 3.0, area.y + 3.0, area.width - 6.0, area.height - 6.0};
    }

    void draw(int labels) {
        for (const RooflineCeiling& ceiling : content_.ceilings) draw_ceiling(ceiling);
        for (const RooflineSlope& slope : content_.slopes) draw_slope(slope);
        for (const RooflineDot& dot : content_.dots) taken_.push_back(box_of(dot));
        name_roofs();
        for (const RooflineDot& dot : content_.dots) draw_dot(dot);
        for (std::size_t k = 0; k < content_.dots.size() && k < static_cast<std::size_t>(std::max(labels, 0)); ++k)
            name_dot(content_.dots[k]);
    }

  private:
    static double radius_of(const RooflineDot& dot) { return std::clamp(36 * std::sqrt(dot.share), 3.0, 26.0); }
    Point place_of(const RooflineDot& dot) const { return {plot_.x_of(dot.intensity), plot_.y_of(dot.gflops)}; }
    Box box_of(const RooflineDot& dot) const {
        const double radius = radius_of(dot);
        const Point at = place_of(dot);
        return {at.x - radius, at.y - radius, 2 * radius, 2 * radius};
    }

    void roof(Point from, Point to, bool is_outer) {
        picture_.line({from, to}, {.color = axis_color, .width = is_outer ? 2.0 : 1.4, .dash = is_outer ? 0.0 : 5.0},
                      plot_.area());
        keep_off(from, to);
    }

    /// Boxes along a line, so that no name covers it, and no line to a name crosses it.
    void keep_off(Point from, Point to) {
        const double length = std::hypot(to.x - from.x, to.y - from.y);
        for (double at = 0; at <= length; at += 3) {
            const double share = length > 0 ? at / length : 0;
            bar({from.x + share * (to.x - from.x) - 2, from.y + share * (to.y - from.y) - 2, 4, 4});
        }
    }

    void draw_ceiling(const RooflineCeiling& ceiling) {
        const double meets = content_.top_slope() > 0 ? ceiling.gflops / content_.top_slope() : plot_.least_x();
        const double y = plot_.y_of(ceiling.gflops);
        roof({plot_.x_of(std::max(meets, plot_.least_x())), y}, {plot_.right + 0.0, y},
             ceiling.gflops == content_.top_ceiling());
    }

    void draw_slope(const RooflineSlope& slope) {
        const double ends = content_.top_ceiling() > 0 ? content_.top_ceiling() / slope.gb_s : plot_.most_x();
        const double begins = std::max(plot_.least_x(), std::pow(10, plot_.y.low) / slope.gb_s);
        roof({plot_.x_of(begins), plot_.y_of(begins * slope.gb_s)}, {plot_.x_of(ends), plot_.y_of(ends * slope.gb_s)},
             slope.gb_s == content_.top_slope());
    }

    void bar(const Box& box) {
        taken_.push_back(box);
        barred_.push_back(box);
    }

    void write(const Box& box, std::string_view text, const TextStyle& style) {
        bar(box);
        picture_.text({std::round(box.x), std::round(box.y + box.height / 2)}, text, style);
    }

    /// A ceiling's name ends at the right edge above its line; a slope's left above its line, or right below.
    /// Each moves on along the line until it is free.
    void name_roofs() {
        for (const RooflineCeiling& ceiling : content_.ceilings) {
            const std::string text = fmt::format("{} {} GFLOP/s", ceiling.name, rate_text(ceiling.gflops));
            const double width = std::ceil(text_width(text, roof_style)), y = plot_.y_of(ceiling.gflops);
            for (double x = plot_.right - 8 - width; x >= plot_.left + 4; x -= 8)
                if (try_name({x, y - 3 - line_height, width, line_height}, text) ||
                    try_name({x, y + 4, width, line_height}, text))
                    break;
        }
        for (const RooflineSlope& slope : content_.slopes) {
            const std::string text = fmt::format("{} {} GB/s", slope.name, rate_text(slope.gb_s));
            name_slope(slope, text, std::ceil(text_width(text, roof_style)));
        }
    }

    void name_slope(const RooflineSlope& slope, const std::string& text, double width) {
        for (double gap = 4; gap < 40; gap += 6)
            for (double y = plot_.top + 0.12 * (plot_.bottom - plot_.top); y < plot_.bottom - line_height; y += 2) {
                const double x = plot_.x_of(plot_.value_at(y) / slope.gb_s);
                if (try_name({x - gap - width, y - gap - line_height, width, line_height}, text) ||
                    try_name({x + gap, y + gap, width, line_height}, text))
                    return;
            }
    }

    bool try_name(const Box& box, const std::string& text) {
        if (!area_.contains(box)) return false;
        for (const Box& other : taken_)
            if (box.overlaps(other)) return false;
        write(box, text, roof_style);
        return true;
    }

    void draw_dot(const RooflineDot& dot) {
        const Point at = place_of(dot);
        const double width = 2 * radius_of(dot);
        picture_.line({at}, {.color = white, .width = width + 2.5}, plot_.area());
        picture_.line({at}, {.color = content_.color_of(dot.group), .width = width}, plot_.area());
    }

    void name_dot(const RooflineDot& dot) {
        const double width = std::ceil(text_width(dot.name, dot_style)) + 2, radius = radius_of(dot);
        const Point at = place_of(dot);
        const std::optional<LabelPlace> place = place_label(at, radius, width, line_height - 1, area_, taken_, barred_);
        if (!place) return;
        if (place->needs_line) {  // over all dots, from the middle of its own
            const Point end = place->box.nearest(at);
            const bool is_light = ink_on(content_.color_of(dot.group)) == black;
            picture_.line({at, end}, {.color = axis_color, .width = 0.8}, plot_.area());
            picture_.line({at}, {.color = is_light ? axis_color : white, .width = 3}, plot_.area());
            keep_off(at, end);
        }
        write(place->box, dot.name, dot_style);
    }

    Picture& picture_;
    const Plot& plot_;
    const RooflineContent& content_;
    Box area_;
    std::vector<Box> taken_;   ///< no name may cover this
    std::vector<Box> barred_;  ///< of these, what no line to a name may cross
};

/// Names behind a dot of their colour, in rows. Returns the height; draws only if `picture` is given.
int draw_legend(Picture* picture, int left, int right, int top, const RooflineContent& content) {
    constexpr int dot = 16, space = 22;
    int x = left, y = top;
    for (const RooflineGroup& group : content.legend()) {
        const std::string text =
            ellipsized(fmt::format("{}  {}", group.name, share_text(group.share)), right - left - dot, label_style);
        const int width = dot + static_cast<int>(std::ceil(text_width(text, label_style)));
        if (x > left && x + width > right) {
            x = left;
            y += row_height;
        }
        if (picture != nullptr) {
            const double middle = y + row_height / 2 + 0.5;
            picture->line({{x + 5.5, middle}}, {.color = group.color, .width = 11}, {x, y, dot, row_height});
            picture->text({x + dot + 0.0, middle}, text, label_style);
        }
        x += width + space;
    }
    return content.dots.empty() ? 0 : y + row_height - top;
}

}  // namespace

Picture roofline_picture(const Roofline& roofline) {
    check_input(roofline);
    const RooflineContent content(roofline);
    Plot plot{0, 0, roofline.width - margin, 0, {}, {}};
    set_ranges(plot, content);
    plot.left = margin + 20 + static_cast<int>(std::ceil(widest_label(plot.y))) + 9;
    const int legend_top = margin / 2 + (roofline.title.empty() ? 0 : title_height);
    plot.top = legend_top + draw_legend(nullptr, plot.left, plot.right, 0, content) + 8;
    std::vector<std::string> notes;
    for (const std::string& note : {roofline.caption, content.left_out()})
        for (std::string& line : wrapped(note, plot.right - plot.left, label_style)) notes.push_back(std::move(line));
    plot.bottom = roofline.height - 52 - static_cast<int>(notes.size()) * row_height;
    if (plot.bottom - plot.top < 100)
        tensor::fail("roofline", "{} pixels of height leave {} for the plot, expected at least 100", roofline.height,
                     plot.bottom - plot.top);

    Picture picture(roofline.width, roofline.height);
    picture.text({plot.left + 0.0, margin / 2 + title_height / 2.0},
                 ellipsized(roofline.title, plot.right - plot.left, title_style), title_style);
    draw_legend(&picture, plot.left, plot.right, legend_top, content);
    draw_axes(picture, plot);
    if (content.dots.empty())
        picture.text({(plot.left + plot.right) / 2.0, plot.bottom - 24.0}, "no work with arithmetic and bytes",
                     aligned(label_style, Align::center));
    RooflinePainter(picture, plot, content).draw(roofline.labels);
    picture.frame({plot.left - 1, plot.top - 1, plot.right - plot.left + 2, plot.bottom - plot.top + 2}, axis_color);
    for (std::size_t k = 0; k < notes.size(); ++k)
        picture.text({plot.left + 0.0, plot.bottom + 52.0 + static_cast<double>(k) * row_height}, notes[k],
                     label_style);
    return picture;
}

}  // namespace musegan
