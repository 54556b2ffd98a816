#include "musegan/figures/histogram_figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "musegan/figures/chart_values.hpp"
#include "musegan/figures/palette.hpp"
#include "musegan/figures/text_layout.hpp"
#include "musegan/phrase/phrase_shape.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr int left = 30, top = 8, right = 20;
constexpr int title_height = 28, legend_height = 24, heading_height = 24, caption_height = 30;
constexpr int panel_width = 255, panel_height = 110;
constexpr int share_width = 38;  // left of a panel, for its shares
constexpr int axis_height = 34;  // below a panel, for its numbers
constexpr int column_width = share_width + panel_width + 6;
constexpr int row_height = panel_height + axis_height;
constexpr int narrowest_bin = 3;
const TextStyle tick_style{.size = 10, .color = axis_color};

TextStyle aligned(Align align) {
    TextStyle style = tick_style;
    style.align = align;
    return style;
}

constexpr const char* caption =
    "Shares of a track's notes; in the last row, of its bars in which a note begins. Lengths and notes per bar end "
    "where "
    "every set has 99.5 % of its own. A bin holds more than one number where each would be narrower than 3 pixels.";

using HistogramOfTracks = std::array<Histogram, n_tracks> HistogramSet::*;

/// What all panels of a row have in common.
struct Row {
    const char* name;
    HistogramOfTracks histograms;
    bool of_drums;
};
constexpr std::array rows{Row{"note length", &HistogramSet::lengths, false}, Row{"pitch", &HistogramSet::pitches, true},
                          Row{"notes per bar", &HistogramSet::densities, true}};

/// Without bars in which no note begins, which are most bars of some tracks: the others would hardly be seen.
HistogramPicture of_bars_with_notes(HistogramPicture histograms) {
    for (HistogramSet& set : histograms.sets) {
        for (Histogram& histogram : set.densities) {
            for (std::size_t k = 0; k < histogram.counts.size(); ++k)
                if (histogram.first + static_cast<std::int64_t>(k) <= 0) histogram.counts[k] = 0;
        }
    }
    return histograms;
}

/// The histogram of every set that has any.
std::vector<const Histogram*> counted(const HistogramPicture& histograms, HistogramOfTracks kind, std::size_t track) {
    std::vector<const Histogram*> counted;
    for (const HistogramSet& set : histograms.sets)
        if ((set.*kind)[track].total() > 0) counted.push_back(&(set.*kind)[track]);
    return counted;
}

/// The numbers along one axis, and the names of some of them.
struct PanelAxis {
    NumberAxis axis;
    std::vector<NumberTick> ticks;
};

/// Of all tracks, from the octave of the lowest pitch to that of the highest.
PanelAxis pitch_axis(const HistogramPicture& histograms) {
    std::int64_t low = 127, high = 0;
    for (std::size_t track = 0; track < n_tracks; ++track) {
        for (const Histogram* histogram : counted(histograms, &HistogramSet::pitches, track)) {
            for (std::size_t k = 0; k < histogram->counts.size(); ++k) {
                if (histogram->counts[k] == 0) continue;
                low = std::min(low, histogram->first + static_cast<std::int64_t>(k));
                high = std::max(high, histogram->first + static_cast<std::int64_t>(k));
            }
        }
    }
    if (low > high) low = high = 60;
    low -= low % 12;
    high = std::max(low + 12, (high + 11) / 12 * 12);
    return {{low, high, panel_width}, pitch_ticks(low, high)};
}

/// Of all pitched tracks; a quarter note at least.
PanelAxis length_axis(const HistogramPicture& histograms) {
    const std::int64_t shift = length_shift(histograms.steps_per_beat);
    std::int64_t high = histograms.steps_per_beat - shift;
    for (std::size_t track = 0; track < n_tracks; ++track) {
        if (is_drums(static_cast<int>(track))) continue;
        for (const Histogram* histogram : counted(histograms, &HistogramSet::lengths, track))
            high = std::max(high, nearly_last(*histogram));
    }
    return {{1, high, panel_width, true, shift}, length_ticks(histograms.steps_per_beat, high)};
}

/// Of one track, from one note on; up to four at least.
PanelAxis density_axis(const HistogramPicture& histograms, std::size_t track) {
    std::int64_t high = 4;
    for (const Histogram* histogram : counted(histograms, &HistogramSet::densities, track))
        high = std::max(high, nearly_last(*histogram));
    return {{1, high, panel_width}, number_ticks(1, high)};
}

/// Where a panel stands; its left and lower edges are axes.
struct Panel {
    int x, y;
    PanelAxis numbers;
    double highest = 0;  // share of the axis' upper end

    Rectangle area() const { return {x, y, panel_width, panel_height}; }
    int tick_x(const NumberTick& tick) const { return x + numbers.axis.middle(tick.number); }
    int y_of(double share) const {
        return y + panel_height - static_cast<int>(std::lround(share / highest * panel_height));
    }
};

/// Shares of all that is counted, bin by bin.
std::vector<double> shares_of(const Histogram& histogram, const std::vector<std::int64_t>& bins) {
    std::vector<double> shares;
    const auto all = static_cast<double>(histogram.total());
    for (std::size_t bin = 0; bin + 1 < bins.size(); ++bin)
        shares.push_back(static_cast<double>(between(histogram, bins[bin], bins[bin + 1])) / all);
    return shares;
}

void draw_axes(Picture& picture, const Panel& panel) {
    std::vector<double> percent = axis_ticks(0, 100 * panel.highest, 4);
    const std::vector<std::string> labels = tick_labels(percent);
    for (std::size_t k = 0; k < percent.size(); ++k) {
        const int y = panel.y_of(percent[k] / 100);
        picture.fill(Rectangle{panel.x, y, panel_width, 1}, grid_color);
        picture.text({panel.x - 5.0, y + 0.5}, labels[k] + " %", aligned(Align::right));
    }
    for (const NumberTick& tick : panel.numbers.ticks)
        picture.fill(Rectangle{panel.tick_x(tick), panel.y, 1, panel_height}, grid_color);
    picture.fill(Rectangle{panel.x, panel.y + panel_height, panel_width, 1}, axis_color);
    double free = panel.x - share_width;  // of labels, from here on
    for (const NumberTick& tick : panel.numbers.ticks) {
        picture.fill(Rectangle{panel.tick_x(tick), panel.y + panel_height, 1, 4}, axis_color);
        const double x = panel.tick_x(tick) + 0.5, half = text_width(tick.label, tick_style) / 2;
        if (x - half < free) continue;
        picture.text({x, panel.y + panel_height + 13.0}, tick.label, aligned(Align::center));
        free = x + half + 3;
    }
}

/// The upper edges of the bins, joined.
std::vector<Point> outline(const Panel& panel, const std::vector<std::int64_t>& bins,
                           const std::vector<double>& shares) {
    std::vector<Point> line;
    for (std::size_t bin = 0; bin < shares.size(); ++bin) {
        for (const std::int64_t number : {bins[bin], bins[bin + 1]})
            line.push_back({panel.x + panel.numbers.axis.edge(number) + 0.5, panel.y_of(shares[bin]) - 0.5});
    }
    return line;
}

void draw_area(Picture& picture, const Panel& panel, const std::vector<std::int64_t>& bins,
               const std::vector<double>& shares, Color color) {
    std::vector<Rectangle> bars;
    for (std::size_t bin = 0; bin < shares.size(); ++bin) {
        const int begin = panel.numbers.axis.edge(bins[bin]), end = panel.numbers.axis.edge(bins[bin + 1]);
        const int y = panel.y_of(shares[bin]);
        if (y < panel.y_of(0)) bars.push_back({panel.x + begin, y, end - begin, panel.y_of(0) - y});
    }
    picture.fill(std::move(bars), color);
}

void draw_panel(Picture& picture, Panel panel, const HistogramPicture& histograms, const Row& row, std::size_t track) {
    const std::vector<std::int64_t> bins = bins_of(panel.numbers.axis, narrowest_bin);
    std::vector<std::vector<double>> shares;
    for (const HistogramSet& set : histograms.sets) {
        const Histogram& histogram = (set.*row.histograms)[track];
        shares.push_back(histogram.total() > 0 ? shares_of(histogram, bins) : std::vector<double>{});
        for (const double share : shares.back()) panel.highest = std::max(panel.highest, 1.06 * share);
    }
    if (panel.highest == 0) {
        picture.frame(panel.area(), grid_color);
        picture.text({panel.x + panel_width / 2.0, panel.y + panel_height / 2.0}, "nothing", aligned(Align::center));
        return;
    }
    draw_axes(picture, panel);
    for (std::size_t set = 0; set < shares.size(); ++set) {
        const Color color = histograms.sets[set].color;
        if (shares[set].empty()) continue;
        if (set == 0) draw_area(picture, panel, bins, shares[set], color);
        else picture.line(outline(panel, bins, shares[set]), {.color = color, .width = 1.3}, panel.area());
    }
}

/// Names behind a sample of their area or line, in rows from `y` on. Returns the height taken; draws only if `picture`
/// is given.
int draw_legend(Picture* picture, const HistogramPicture& histograms, int y) {
    constexpr int sample = 26, gap = 7, space = 22, begin = left + share_width, longest = 400;
    constexpr int end = left + n_tracks * column_width;
    const TextStyle style{.size = 12, .color = axis_color};
    int x = begin, row = y;
    for (std::size_t set = 0; set < histograms.sets.size(); ++set) {
        const Color color = histograms.sets[set].color;
        const std::string name = ellipsized(histograms.sets[set].name, longest, style);
        const int width = sample + gap + static_cast<int>(std::ceil(text_width(name, style)));
        if (x > begin && x + width > end) {
            x = begin;
            row += legend_height;
        }
        const double middle = row + 11.5;
        const Rectangle place{x, row + 4, sample, legend_height - 10};
        if (picture != nullptr && set == 0) picture->fill(place, color);
        else if (picture != nullptr)
            picture->line({{x + 1.0, middle}, {x + sample - 1.0, middle}}, {.color = color, .width = 2}, place);
        if (picture != nullptr) picture->text({x + sample + gap + 0.0, middle}, name, style);
        x += width + space;
    }
    return row + legend_height - y;
}

}  // namespace

Picture histogram_figure(const HistogramPicture& all) {
    if (all.sets.empty()) tensor::fail("histogram_figure", "no set, expected one or more");
    paper_shape.on_grid(all.steps_per_beat).validate("histogram_figure");
    const HistogramPicture histograms = of_bars_with_notes(all);
    const int legend = top + (histograms.title.empty() ? 0 : title_height);
    const int headings = legend + draw_legend(nullptr, histograms, legend);
    const int panels = headings + heading_height, end = panels + static_cast<int>(rows.size()) * row_height;
    Picture picture(left + n_tracks * column_width + right, end + caption_height);
    picture.text({left + share_width + 0.0, top + title_height / 2.0 - 2}, histograms.title,
                 {.size = 15, .bold = true});
    draw_legend(&picture, histograms, legend);

    const PanelAxis lengths = length_axis(histograms), pitches = pitch_axis(histograms);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const int y = panels + static_cast<int>(row) * row_height;
        picture.text({16.0, y + panel_height / 2.0}, rows[row].name,
                     {.size = 12, .color = axis_color, .align = Align::center, .bold = true, .upward = true});
        for (std::size_t column = 0; column < n_tracks; ++column) {
            const auto track = static_cast<std::size_t>(figure_order[column]);
            const int x = left + static_cast<int>(column) * column_width + share_width;
            if (row == 0) {
                picture.fill(Rectangle{x, headings + 6, 14, 8}, tracks[track].color);
                picture.text({x + 19.0, headings + 10.0}, tracks[track].name, {.size = 12, .bold = true});
            }
            if (is_drums(static_cast<int>(track)) && !rows[row].of_drums) {
                picture.text({x + panel_width / 2.0, y + panel_height / 2.0}, "a hit has no length",
                             aligned(Align::center));
                continue;
            }
            const Panel panel{x, y, row == 0 ? lengths : row == 1 ? pitches : density_axis(histograms, track)};
            draw_panel(picture, panel, histograms, rows[row], track);
        }
    }
    picture.text({left + share_width + 0.0, end + 8.0}, caption, tick_style);
    return picture;
}

}  // namespace musegan
