#include "musegan/toy/toy_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "musegan/figures/arrangement.hpp"
#include "musegan/figures/chart.hpp"
#include "musegan/figures/palette.hpp"

namespace musegan {

namespace {

/// "The critic over the plane: swiss_roll", the data left out where runs differ in it.
std::string title_of(const std::vector<ToyRun>& runs) {
    const PlaneData data = runs.front().settings.data;
    const bool same = std::ranges::all_of(runs, [&](const ToyRun& run) { return run.settings.data == data; });
    return same ? fmt::format("The critic over the plane: {}", tensor::name_of(data)) : "The critic over the plane";
}

/// What fake points are in all runs.
std::string fake_name_of(const std::vector<ToyRun>& runs) {
    const auto noisy = std::ranges::count(runs, ToyFake::noise, [](const ToyRun& run) { return run.settings.fake; });
    if (noisy == 0) return "generated";
    return noisy == static_cast<std::ptrdiff_t>(runs.size()) ? "real + noise" : "fake";
}

/// A line for each distance of real to real points.
std::vector<ReferenceLine> floors_of(const std::vector<ToyRun>& runs) {
    std::vector<ReferenceLine> lines;
    for (const ToyRun& run : runs)
        if (std::ranges::find(lines, run.distance_floor, &ReferenceLine::y) == lines.end())
            lines.push_back({lines.empty() ? "of real to real points" : "", run.distance_floor, axis_color});
    return lines;
}

/// What a chart shows of a record.
using Shown = std::function<double(const ToyRecord&)>;

Picture curves_of(const std::vector<ToyRun>& runs, const std::string& what, const Shown& shown,
                  const std::vector<ReferenceLine>& references) {
    std::vector<Series> series;
    for (const std::vector<std::size_t>& group : groups_of_equal(runs)) {
        const std::size_t first = group.front();
        Series curve{runs[first].name, {}, {}, palette_color(first), 0};
        for (std::size_t k = 1; k < group.size(); ++k) curve.name += ", " + runs[group[k]].name;
        for (const ToyRecord& record : runs[first].records) {
            curve.x.push_back(static_cast<double>(record.update));
            curve.y.push_back(shown(record));
        }
        series.push_back(std::move(curve));
    }
    return line_chart(series, references,
                      {.title = what, .x_label = "updates", .width = 900, .height = 320, .clip_outliers = false});
}

/// Critics without a constraint are larger than the others by powers of ten.
double signed_logarithm(double value) { return std::copysign(std::log10(1.0 + std::abs(value)), value); }

}  // namespace

Picture critic_figure(const std::vector<ToyRun>& runs) {
    FieldPicture picture;
    picture.title = title_of(runs);
    picture.grid = toy_plane;
    picture.columns = {toy_stages.begin(), toy_stages.end()};
    picture.fake_name = fake_name_of(runs);
    for (const ToyRun& run : runs) picture.rows.push_back({run.name, run.stages});
    return field_figure(picture);
}

Picture toy_curves(const std::vector<ToyRun>& runs) {
    const auto estimate = [](const ToyRecord& record) { return signed_logarithm(record.estimate); };
    const auto slope = [](const ToyRecord& record) { return std::log10(record.slope_mean); };
    const auto distance = [](const ToyRecord& record) { return record.distance; };
    return stacked({curves_of(runs, "Estimate e = E D(real) - E D(fake), drawn as log10(1 + |e|) with the sign of e",
                              estimate, {}),
                    curves_of(runs, "Mean slope of the critic where it is penalised, log10", slope,
                              {{"slope 1", 0.0, axis_color}}),
                    curves_of(runs, "Sliced Wasserstein distance of fake to real points", distance, floors_of(runs))});
}

}  // namespace musegan
