#include "musegan/evaluation/metrics.hpp"

#include <fmt/format.h>

namespace musegan {

namespace {

std::string cell(const Mean& mean, int decimals = 1) {
    return mean.count == 0 ? fmt::format("{:>9}", "-") : fmt::format("{:>9.{}f}", mean.value(), decimals);
}

}  // namespace

std::string metrics_table(const Metrics& metrics) {
    std::string text = fmt::format("{:<8}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}\n", "track", "EB %", "UPC", "QN %",
                                   "poly %", "scale %", "pitch", "notes");
    for (std::size_t track = 0; track < n_tracks; ++track) {
        const TrackMetrics& row = metrics.tracks[track];
        const bool pitched = !is_drums(static_cast<int>(track));
        const Mean none;
        text += fmt::format("{:<8}{}{}{}{}{}{}{}\n", tracks[track].name, cell(row.empty_bars),
                            cell(pitched ? row.pitch_classes : none, 2), cell(pitched ? row.qualified_notes : none),
                            cell(pitched ? row.polyphony : none), cell(pitched ? row.in_scale : none), cell(row.pitch),
                            cell(row.notes_per_bar));
    }
    text += fmt::format("drum pattern (DP) {} %,  drums on 8ths {} %,  distance of two phrases {} cells\n",
                        cell(metrics.drum_pattern), cell(metrics.drums_on_eighths), cell(metrics.distance));
    text += "tonal distance (TD)";
    for (std::size_t pair = 0; pair < tonal_pairs.size(); ++pair) {
        text += fmt::format("  {}{}", tonal_pair_names[pair], cell(metrics.tonal_distance[pair], 2));
    }
    return text + "\n";
}

}  // namespace musegan
