#include "musegan/training/run_figures.hpp"

#include <algorithm>

#include "io/safetensors.hpp"
#include "io/settings.hpp"
#include "musegan/figures/chart.hpp"
#include "musegan/figures/figures.hpp"
#include "musegan/training/log_table.hpp"
#include "musegan/training/metric_figure.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr std::size_t shown_stages = 5;    // columns of the evolution
constexpr std::int64_t shown_phrases = 2;  // its rows

/// At most `most` of `count` things, the first and the last among them, denser at the start, where most changes.
std::vector<std::size_t> spread(std::size_t count, std::size_t most) {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < std::min(count, most); ++i) {
        const double share = count <= most ? 0 : static_cast<double>(i) / static_cast<double>(most - 1);
        const std::size_t index =
            count <= most ? i : static_cast<std::size_t>(share * share * static_cast<double>(count - 1) + 0.5);
        if (chosen.empty() || index > chosen.back()) chosen.push_back(index);
    }
    return chosen;
}

/// Of the one critic of all tracks its loss and the estimate; of critics per track the estimates, in their colours.
std::vector<Series> loss_series(const LogTable& log) {
    const std::vector<double>& steps = log.column("step");
    const int window = static_cast<int>(std::clamp<std::size_t>(steps.size() / 20, 1, 101)) | 1;
    if (log.contains("wasserstein"))
        return {{"negative critic loss", steps, log.column("negative_critic_loss"), {31, 119, 180}, window},
                {"Wasserstein estimate", steps, log.column("wasserstein"), {214, 89, 20}, window}};
    std::vector<Series> series;
    for (const Track& track : tracks)
        if (const std::string column = fmt::format("{}.wasserstein", track.name); log.contains(column))
            series.push_back(
                {fmt::format("Wasserstein estimate, {}", track.name), steps, log.column(column), track.color, window});
    return series;
}

void draw_losses(const RunFolder& run) {
    const LogTable log = read_log(run);
    if (log.column("step").size() < 2) return;
    const char* const title = log.contains("wasserstein") ? "Critic along training" : "Critics along training";
    line_chart(loss_series(log), {}, {.title = title, .x_label = "generator updates", .y_label = "score"})
        .save(run.losses_figure());
}

/// The phrases of a sample file. Older files name the tracks alone: they are of the paper's shape.
PhraseView samples_of(const io::SafetensorsFile& file) {
    PhraseShape shape = paper_shape;
    settings_of(shape).may_be_missing().from_metadata(file.metadata(), file.name());
    shape.validate(file.name());
    const io::SafetensorsEntry& phrases = file.at("phrases");
    if (phrases.bytes.empty() || static_cast<std::int64_t>(phrases.bytes.size()) % shape.bytes() != 0)
        tensor::fail(file.name(), "{} bytes of phrases, expected one or more phrases of {} ({})", phrases.bytes.size(),
                     shape.bytes(), shape.to_string());
    return {shape, phrases.bytes};
}

void draw_evolution(const RunFolder& run) {
    const std::vector<std::filesystem::path> files = run.packed_samples();
    if (files.empty()) return;
    std::vector<Stage> stages;
    for (const std::size_t i : spread(files.size(), shown_stages)) {
        const io::SafetensorsFile file = io::SafetensorsFile::open(files[i]);
        const PhraseView phrases = samples_of(file);
        const auto shown = phrases.first(shown_phrases).bits();
        stages.push_back({"step " + file.metadata("step"), {phrases.shape(), {shown.begin(), shown.end()}}});
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
