#include "musegan/evaluation/metric_list.hpp"

#include <algorithm>
#include <cctype>

#include "tensor/error.hpp"

namespace musegan {

namespace {

/// A metric that each track has.
struct TrackMetric {
    const char* name;   // in keys
    const char* group;  // in tables
    const char* unit;
    int decimals;
    MetricTable table;
    Mean TrackMetrics::*mean;
    enum class Of { all, pitched, bass } of;
};
constexpr auto all = TrackMetric::Of::all, pitched = TrackMetric::Of::pitched, bass = TrackMetric::Of::bass;

constexpr std::array track_metrics{
    TrackMetric{"EB", "EB", "%", 1, MetricTable::per_track, &TrackMetrics::empty_bars, all},
    TrackMetric{"UPC", "UPC", "", 2, MetricTable::per_track, &TrackMetrics::pitch_classes, pitched},
    TrackMetric{"QN", "QN", "%", 1, MetricTable::per_track, &TrackMetrics::qualified_notes, pitched},
    TrackMetric{"pitches", "pitches", "", 2, MetricTable::voices, &TrackMetrics::pitches, pitched},
    TrackMetric{"polyphony", "polyphony", "%", 1, MetricTable::voices, &TrackMetrics::polyphony, pitched},
    TrackMetric{"monophony", "one voice", "%", 1, MetricTable::voices, &TrackMetrics::monophony, bass},
    TrackMetric{"in_scale", "in scale", "%", 1, MetricTable::voices, &TrackMetrics::in_scale, pitched},
    TrackMetric{"pitch", "pitch", "", 1, MetricTable::notes, &TrackMetrics::pitch, pitched},
    TrackMetric{"notes_per_bar", "notes per bar", "", 2, MetricTable::notes, &TrackMetrics::notes_per_bar, all}};

bool has(const TrackMetric& metric, const Track& track) {
    if (metric.of == bass) return track.family == Family::bass;
    return metric.of == all || track.family != Family::drums;
}

void add_tracks(std::vector<Metric>& list, MetricTable table) {
    for (const TrackMetric& metric : track_metrics) {
        for (std::size_t track = 0; track < n_tracks && metric.table == table; ++track) {
            const std::string name(tracks[track].name);
            if (!has(metric, tracks[track])) continue;
            list.push_back(
                {fmt::format("tracks.{}.{}", name, metric.name), metric.group, track_letter(track), metric.unit,
                 metric.decimals, table,
                 [track, mean = metric.mean](const Metrics& m) -> const Mean& { return m.tracks[track].*mean; },
                 static_cast<int>(track)});
        }
    }
}

/// A metric of its own, of the drums or of all tracks.
void add_single(std::vector<Metric>& list, const char* key, const char* group, const char* unit, MetricTable table,
                Mean Metrics::*mean, bool of_drums) {
    list.push_back({key, group, of_drums ? "D" : "", unit, 1, table,
                    [mean](const Metrics& m) -> const Mean& { return m.*mean; },
                    of_drums ? std::optional(index_of(Family::drums)) : std::nullopt});
}

std::vector<Metric> make_list() {
    std::vector<Metric> list;
    add_tracks(list, MetricTable::per_track);
    add_single(list, "DP", "DP", "%", MetricTable::per_track, &Metrics::drum_pattern, true);
    for (std::size_t pair = 0; pair < tonal_pairs.size(); ++pair)
        list.push_back({fmt::format("TD.{}", tonal_pair_names[pair]),
                        "TD",
                        tonal_pair_names[pair],
                        "",
                        2,
                        MetricTable::harmony,
                        [pair](const Metrics& m) -> const Mean& { return m.tonal_distance[pair]; },
                        {}});
    add_tracks(list, MetricTable::voices);
    add_tracks(list, MetricTable::notes);
    add_single(list, "drums_on_8ths", "on 8ths", "%", MetricTable::notes, &Metrics::drums_on_eighths, true);
    add_single(list, "distance", "distance", "", MetricTable::notes, &Metrics::distance, false);
    return list;
}

}  // namespace

std::string track_letter(std::size_t track) { return {static_cast<char>(std::toupper(tracks[track].name.front()))}; }

const std::vector<Metric>& metric_list() {
    static const std::vector<Metric> list = make_list();
    return list;
}

const Metric& metric_named(const std::string& key) {
    const auto found = std::ranges::find(metric_list(), key, &Metric::key);
    if (found == metric_list().end()) tensor::fail("metric", "'{}', expected one as tracks.bass.EB or DP", key);
    return *found;
}

}  // namespace musegan
