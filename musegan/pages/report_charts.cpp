#include "musegan/pages/report_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

#include "musegan/training/metric_figure.hpp"

namespace musegan {

namespace {

constexpr std::size_t stretches = most_points / 5;

/// Colours of two curves of one chart.
constexpr Color first_color{31, 119, 180}, second_color{214, 89, 20};

bool says_something(const std::vector<double>& values) {
    return std::ranges::any_of(values, [](double value) { return std::isfinite(value); });
}

ReportPoints chosen(const std::vector<double>& x, const std::vector<double>& y, const std::vector<std::size_t>& rows) {
    ReportPoints points;
    for (const std::size_t row : rows) {
        points.x.push_back(x[row]);
        points.y.push_back(y[row]);
    }
    return points;
}

/// Every so many rows and the last.
std::vector<std::size_t> even_rows(std::size_t count, std::size_t most) {
    std::vector<std::size_t> rows;
    const std::size_t chosen = std::min(count, most);
    for (std::size_t k = 0; k < chosen; ++k) rows.push_back(chosen == 1 ? 0 : k * (count - 1) / (chosen - 1));
    return rows;
}

ReportCurve curve_of(const Series& series, std::optional<double> reference) {
    ReportCurve curve{series.name, series.color, chosen(series.x, series.y, thinned_rows(series.y)), {}, reference};
    if (series.median_window > 1)
        curve.median =
            chosen(series.x, running_median(series.y, series.median_window), even_rows(series.y.size(), most_medians));
    return curve;
}

/// A quantity that each critic has a column of.
struct Quantity {
    const char* column;
    const char* name;  ///< of its curve
    Color color;
    std::optional<double> reference{};
};

/// Quantities in one chart; of critics per track each quantity has a chart of its own.
struct LossPanel {
    const char* id;
    const char* title;
    const char* unit;
    const char* words;
    std::vector<Quantity> quantities;
};

const std::vector<LossPanel>& loss_panels() {
    static const std::vector<LossPanel> panels{
        {"critic",
         "Critic",
         "score",
         "The Wasserstein estimate W is how much higher the critic scores real phrases than generated ones. It is "
         "large while the two are easy to tell apart, falls as generated phrases come to resemble real ones, and may "
         "rise again where the critic finds a new difference. The negative critic loss is W less the penalty, as the "
         "papers draw it.",
         {{"negative_critic_loss", "negative critic loss", first_color},
          {"wasserstein", "Wasserstein estimate", second_color}}},
        {"slope",
         "Slope of the critic",
         "score per unit of distance",
         "How steeply the score changes between a real and a generated phrase: the mean over a batch, and how much it "
         "differs from phrase to phrase. W is a distance only where this slope is at most 1, and the penalty pulls it "
         "there: where it stays above, W has a scale of its own and compares within this run alone. Far above 1 at "
         "the start is no fault.",
         {{"slope_mean", "mean", first_color, 1.0}, {"slope_deviation", "standard deviation", second_color}}},
        {"penalty",
         "Gradient penalty",
         "",
         "What the critic pays for slopes that are not 1, with its weight: W less this is the negative critic loss.",
         {{"penalty", "penalty", first_color}}},
        {"generator",
         "Generator loss",
         "score",
         "The negative score of generated phrases. The critic's scores have no zero of their own and drift, so this "
         "curve alone says nothing of how good the music is.",
         {{"generator_loss", "generator loss", first_color}}}};
    return panels;
}

int loss_window(std::size_t rows) { return static_cast<int>(std::clamp<std::size_t>(rows / 20, 1, 101)) | 1; }

std::vector<ReportCurve> track_curves(const LogTable& log, const Quantity& quantity) {
    std::vector<ReportCurve> curves;
    const std::vector<double>& steps = log.values.front();
    for (const Track& track : tracks) {
        const std::string column = fmt::format("{}.{}", track.name, quantity.column);
        if (!log.contains(column) || !says_something(log.column(column))) continue;
        curves.push_back(
            curve_of({std::string(track.name), steps, log.column(column), track.color, loss_window(steps.size())},
                     quantity.reference));
    }
    return curves;
}

/// "Slope of the critics: mean", of a chart with a curve per track.
std::string title_of(const LossPanel& panel, const Quantity& quantity) {
    return panel.quantities.size() == 1 ? panel.title : fmt::format("{}: {}", panel.title, quantity.name);
}

const char* words_of_group(std::string_view group) {
    constexpr std::array words{
        std::pair{"EB", "Empty bars: bars in which the track is silent."},
        std::pair{"UPC",
                  "Used pitch classes: how many different notes of the octave (C, C sharp, ..., B) a track plays "
                  "in a bar in which it sounds."},
        std::pair{"QN",
                  "Qualified notes: those that last a 32nd note or longer. Few where a model strews short notes."},
        std::pair{"DP", "Drum patterns: drum hits that fall on the 16ths of a bar. Few where the drums stumble."},
        std::pair{"notes per bar", "Notes that begin in a bar."},
        std::pair{"TD",
                  "Tonal distance of two tracks: how far apart in harmony the pitches are that they play within "
                  "a beat. Smaller is more in harmony; 0 where they play the same."}};
    for (const auto& [name, text] : words)
        if (group == name) return text;
    return "";
}

/// "notes-per-bar".
std::string id_of(std::string text) {
    for (char& c : text) c = c == ' ' || c == '_' ? '-' : c;
    return text;
}

}  // namespace

Range ReportChart::range() const {
    constexpr double most = 1e300;  // so that the axis has a length that is a number
    std::vector<double> values;
    for (const ReportCurve& curve : curves)
        std::ranges::copy_if(curve.points.y, std::back_inserter(values), [](double y) { return std::abs(y) <= most; });
    constexpr double outer = 0.06;  // the first steps are of another size than all others
    Range range = range_of(std::move(values), true, outer);
    for (const ReportCurve& curve : curves)
        if (curve.reference) range.include(*curve.reference);
    if (range.is_empty()) return {0, 1};
    constexpr double margin = 0.04;
    range.widen(margin);
    return range;
}

bool ReportChart::is_cut() const {
    const Range shown = range();
    return std::ranges::any_of(curves, [&](const ReportCurve& curve) {
        return std::ranges::any_of(curve.points.y, [&](double y) { return y < shown.low || y > shown.high; });
    });
}

std::vector<std::size_t> thinned_rows(const std::vector<double>& values) {
    std::set<std::size_t> rows;
    if (values.size() <= most_points) {
        for (std::size_t k = 0; k < values.size(); ++k) rows.insert(k);
        return {rows.begin(), rows.end()};
    }
    const double count = static_cast<double>(values.size());
    std::vector<Point> line;  // x: the stretch that a row is in
    std::size_t gap_stretch = stretches;
    for (std::size_t row = 0; row < values.size(); ++row) {
        const std::size_t stretch = row * stretches / values.size();
        if (std::isfinite(values[row])) line.push_back({static_cast<double>(row) * stretches / count, values[row]});
        else if (std::exchange(gap_stretch, stretch) != stretch) rows.insert(row);
    }
    for (const Point& point : thin_out(line))
        rows.insert(static_cast<std::size_t>(std::llround(point.x * count / stretches)));
    return {rows.begin(), rows.end()};
}

std::vector<ReportChart> loss_charts(const LogTable& log) {
    std::vector<ReportChart> charts;
    if (log.rows() == 0) return charts;
    const std::vector<double>& steps = log.values.front();
    const auto add = [&](ReportChart chart) {
        if (!chart.curves.empty()) charts.push_back(std::move(chart));
    };
    for (const LossPanel& panel : loss_panels()) {
        ReportChart whole{panel.id, "losses", panel.title, panel.unit, panel.words, {}};
        for (const Quantity& quantity : panel.quantities) {
            if (log.contains(quantity.column) && says_something(log.column(quantity.column)))
                whole.curves.push_back(curve_of(
                    {quantity.name, steps, log.column(quantity.column), quantity.color, loss_window(steps.size())},
                    quantity.reference));
            add({id_of(fmt::format("{}-per-track", quantity.column)), "losses", title_of(panel, quantity), panel.unit,
                 panel.words, track_curves(log, quantity)});
        }
        add(std::move(whole));
    }
    return charts;
}

std::vector<ReportChart> metric_report_charts(const MetricCurves& metrics) {
    std::vector<ReportChart> charts;
    for (const MetricChart& chart : metric_charts(metrics)) {
        ReportChart added{id_of(chart.group), "metrics", chart.title, chart.unit, words_of_group(chart.group), {}};
        for (const MetricCurve& curve : chart.curves) {
            const bool has_data = curve.data && std::isfinite(*curve.data);
            added.curves.push_back(curve_of(curve.model, has_data ? curve.data : std::nullopt));
        }
        charts.push_back(std::move(added));
    }
    return charts;
}

}  // namespace musegan
