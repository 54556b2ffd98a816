#include "tools/evaluation_picture.hpp"

#include <array>

#include "musegan/figures/histogram_figure.hpp"

namespace tools {

namespace {

using musegan::Color;

/// Of the data, and of the others in turn.
constexpr Color data_color{170, 170, 170};
constexpr std::array<Color, 7> set_colors{
    {{90, 90, 90}, {214, 39, 40}, {31, 119, 180}, {44, 160, 44}, {148, 103, 189}, {255, 127, 14}, {0, 150, 160}}};

musegan::HistogramSet histograms_of(const musegan::EvaluatedSet& set, Color color) {
    musegan::HistogramSet histograms{set.name, color};
    for (std::size_t track = 0; track < musegan::n_tracks; ++track) {
        if (set.given == static_cast<int>(track)) continue;
        const musegan::TrackMetrics& metrics = set.metrics.tracks[track];
        histograms.lengths[track] = metrics.lengths;
        histograms.pitches[track] = metrics.pitches_of_notes;
        histograms.densities[track] = metrics.densities;
    }
    return histograms;
}

}  // namespace

musegan::Picture histograms_of(const musegan::Evaluation& evaluation) {
    musegan::HistogramPicture picture{"What notes are like", evaluation.shape.steps_per_beat, {}};
    std::size_t next = 0;
    const auto add = [&](const musegan::EvaluatedSet& set) {
        const Color color = picture.sets.empty() ? data_color : set_colors[next++ % set_colors.size()];
        picture.sets.push_back(histograms_of(set, color));
    };
    if (evaluation.data) add(*evaluation.data);
    if (evaluation.held_out) add(*evaluation.held_out);
    for (const musegan::EvaluatedSet& set : evaluation.sets) add(set);
    return musegan::histogram_figure(picture);
}

}  // namespace tools
