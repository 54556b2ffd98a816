#include "musegan/training/loss_figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "musegan/figures/arrangement.hpp"
#include "musegan/figures/chart.hpp"

namespace musegan {

namespace {

/// A column of a critic, and what it is called.
struct Quantity {
    const char* column = nullptr;
    const char* name = nullptr;
    Color color{31, 119, 180};
};

/// A chart: what critics per track show of themselves, and what stands beside it where there is one of all tracks.
struct Panel {
    const char* title;
    const char* y_label;
    Quantity main;
    Quantity beside{};
    const char* reference = nullptr;  ///< what a level of 1 means, where one is drawn
};

constexpr Color orange{214, 89, 20};
constexpr std::array panels{Panel{"Critic",
                                  "score",
                                  {"wasserstein", "Wasserstein estimate", orange},
                                  {"negative_critic_loss", "negative critic loss"}},
                            Panel{"Slopes of the critic",
                                  "slope",
                                  {"slope_mean", "mean"},
                                  {"slope_deviation", "standard deviation", orange},
                                  "1, where the penalty is 0"},
                            Panel{"Gradient penalty", "penalty", {"penalty", "penalty"}},
                            Panel{"Generators", "loss", {"generator_loss", "generator loss"}}};

Chart chart_of(const Panel& panel, const LogTable& log) {
    const std::vector<double>& steps = log.column("step");
    const int window = static_cast<int>(std::clamp<std::size_t>(steps.size() / 20, 1, 101)) | 1;
    Chart chart{
        {}, {}, {.title = panel.title, .x_label = "generator updates", .y_label = panel.y_label, .height = 320}};
    const auto add = [&](const std::string& column, const std::string& name, Color color) {
        if (log.contains(column)) chart.series.push_back({name, steps, log.column(column), color, window});
    };
    for (const Quantity& quantity : {panel.main, panel.beside})
        if (quantity.column != nullptr) add(quantity.column, quantity.name, quantity.color);
    for (const Track& track : tracks)
        add(fmt::format("{}.{}", track.name, panel.main.column), fmt::format("{}, {}", panel.main.name, track.name),
            track.color);
    if (panel.reference != nullptr && !chart.series.empty()) chart.references.push_back({panel.reference, 1.0});
    return chart;
}

}  // namespace

Picture loss_figure(const std::vector<TitledLog>& runs) {
    std::vector<std::string> titles;
    for (const TitledLog& run : runs) titles.push_back(run.title);
    std::vector<std::vector<Picture>> rows;
    for (const Panel& panel : panels) {
        std::vector<Chart> charts;
        for (const TitledLog& run : runs) charts.push_back(chart_of(panel, run.log));
        if (std::ranges::any_of(charts, [](const Chart& chart) { return !chart.series.empty(); }))
            rows.push_back(comparable_charts(charts));
    }
    return in_columns(rows, titles);
}

}  // namespace musegan
