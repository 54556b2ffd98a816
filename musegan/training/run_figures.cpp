#include "musegan/training/run_figures.hpp"

#include <algorithm>

#include "musegan/figures/figures.hpp"
#include "musegan/training/log_table.hpp"
#include "musegan/training/loss_figure.hpp"
#include "musegan/training/metric_figure.hpp"
#include "musegan/training/sample_files.hpp"

namespace musegan {

namespace {

constexpr std::size_t shown_stages = 5;    // columns of the evolution
constexpr std::int64_t shown_phrases = 2;  // its rows

void draw_losses(const RunFolder& run) {
    const LogTable log = read_log(run);
    if (log.column("step").size() > 1) loss_figure({{"", log}}).save(run.losses_figure());
}

void draw_evolution(const RunFolder& run) {
    const std::vector<SampleFile> files = sample_files(run);
    if (files.empty()) return;
    std::vector<Stage> stages;
    for (const std::size_t place : spread_places(files.size(), shown_stages)) {
        const Sample sample = read_sample(files[place].path);
        const auto shown = sample.phrases.view().first(shown_phrases).bits();
        stages.push_back({fmt::format("step {}", sample.step), {sample.phrases.shape, {shown.begin(), shown.end()}}});
    }
    evolution_figure(stages).save(run.evolution_figure());
}

void draw_metrics(const RunFolder& run) {
    if (!std::filesystem::exists(run.metrics())) return;
    const MetricCurves curves = read_metric_log(run);
    if (curves.steps.size() > 1) metric_figure(curves).save(run.metrics_figure());
}

}  // namespace

void draw_run_figures(const RunFolder& run) {
    draw_losses(run);
    draw_evolution(run);
    draw_metrics(run);  // last: a damaged metrics.csv costs no other picture
}

}  // namespace musegan
