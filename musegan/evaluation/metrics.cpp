#include "musegan/evaluation/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "musegan/phrase/packing.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr int beats_per_phrase = bars_per_phrase * beats_per_bar;
constexpr std::array<bool, 12> c_major{true, false, true, false, true, true, false, true, false, true, false, true};

int pitch_class_of(int pitch, ChromaFold fold) {
    static_assert(lowest_pitch % 12 == 0, "pitch index 0 is a C");
    return fold == ChromaFold::pitch_class ? pitch % 12 : pitch / (n_pitches / 12);
}

/// One track of one phrase, reduced to what the metrics ask for.
struct TrackView {
    std::array<Chroma, beats_per_phrase> chroma{};                         // cells per beat and pitch class
    std::array<std::array<bool, n_pitches>, bars_per_phrase> used{};       // pitches of a bar
    std::array<std::int16_t, steps_per_phrase> voices{};                   // pitches sounding at a step
    std::array<std::array<int, steps_per_bar>, bars_per_phrase> onsets{};  // notes that begin at a step
    std::array<std::int64_t, bars_per_phrase> cells{}, cells_in_scale{};
};

std::array<TrackView, n_tracks> view_phrase(std::span<const std::uint8_t> phrase, ChromaFold fold) {
    std::array<TrackView, n_tracks> views{};
    for_each_cell(phrase, [&](std::int64_t step, int pitch, int track) {
        TrackView& view = views[static_cast<std::size_t>(track)];
        const auto bar = static_cast<std::size_t>(step / steps_per_bar);
        view.chroma[static_cast<std::size_t>(step / steps_per_beat)]
                   [static_cast<std::size_t>(pitch_class_of(pitch, fold))] += 1;
        view.used[bar][static_cast<std::size_t>(pitch)] = true;
        ++view.voices[static_cast<std::size_t>(step)];
        ++view.cells[bar];
        view.cells_in_scale[bar] += c_major[static_cast<std::size_t>(pitch % 12)];
    });
    return views;
}

void add_notes(std::span<const std::uint8_t> phrase, const MetricOptions& options,
               std::array<TrackView, n_tracks>& views, Metrics& metrics) {
    for (const Run& run : note_runs(phrase)) {
        const auto track = static_cast<std::size_t>(run.track);
        TrackMetrics& sums = metrics.tracks[track];
        sums.qualified_notes.add(run.length() >= options.qualified_steps ? 100.0 : 0.0);
        sums.pitch.add(run.pitch + lowest_pitch);
        ++views[track].onsets[static_cast<std::size_t>(run.begin / steps_per_bar)]
                             [static_cast<std::size_t>(run.begin % steps_per_bar)];
    }
}

void add_bars(const TrackView& view, const MetricOptions& options, TrackMetrics& sums) {
    for (std::size_t bar = 0; bar < bars_per_phrase; ++bar) {
        std::int64_t notes = 0;
        for (const int count : view.onsets[bar]) notes += count;
        sums.notes_per_bar.add(static_cast<double>(notes));
        sums.empty_bars.add(view.cells[bar] == 0 ? 100.0 : 0.0);
        if (view.cells[bar] == 0) continue;
        std::array<bool, 12> classes{};
        int pitches = 0;
        for (int pitch = 0; pitch < n_pitches; ++pitch) {
            if (!view.used[bar][static_cast<std::size_t>(pitch)]) continue;
            ++pitches;
            classes[static_cast<std::size_t>(pitch_class_of(pitch, options.fold))] = true;
        }
        int polyphonic = 0;
        for (std::size_t step = 0; step < steps_per_bar; ++step)
            polyphonic += view.voices[bar * steps_per_bar + step] >= 2;
        sums.pitches.add(pitches);
        sums.pitch_classes.add(static_cast<double>(std::count(classes.begin(), classes.end(), true)));
        sums.polyphony.add(100.0 * polyphonic / steps_per_bar);
        sums.in_scale.add(100.0 * static_cast<double>(view.cells_in_scale[bar]) / static_cast<double>(view.cells[bar]));
    }
}

/// Weighted share of a bar's onsets on the 16-beat pattern (every sixth step; the 8-beat pattern lies within), best
/// shift.
void add_drum_bars(const TrackView& drums, const MetricOptions& options, Mean& sums) {
    constexpr int period = steps_per_beat / 4;
    for (const auto& onsets : drums.onsets) {
        std::array<double, period> at_phase{};
        double all = 0;
        for (std::size_t step = 0; step < steps_per_bar; ++step) {
            at_phase[step % period] += onsets[step];
            all += onsets[step];
        }
        if (all == 0) continue;
        double best = 0;
        for (std::size_t shift = 0; shift < static_cast<std::size_t>(options.drum_shifts); ++shift) {
            const double near = at_phase[(shift + 1) % period] + at_phase[(shift + period - 1) % period];
            best = std::max(best, at_phase[shift] + options.drum_tolerance * near);
        }
        sums.add(100.0 * best / all);
    }
}

void add_tonal_distances(const std::array<TrackView, n_tracks>& views, std::array<Mean, 6>& sums) {
    for (std::size_t pair = 0; pair < tonal_pairs.size(); ++pair) {
        const TrackView& a = views[static_cast<std::size_t>(tonal_pairs[pair].first)];
        const TrackView& b = views[static_cast<std::size_t>(tonal_pairs[pair].second)];
        for (std::size_t beat = 0; beat < beats_per_phrase; ++beat) {
            const double distance = tonal_distance(a.chroma[beat], b.chroma[beat]);
            if (!std::isnan(distance)) sums[pair].add(distance);
        }
    }
}

void merge(Mean& sum, const Mean& part) {
    sum.sum += part.sum;
    sum.count += part.count;
}

void merge(Metrics& sum, const Metrics& part) {
    for (std::size_t track = 0; track < n_tracks; ++track) {
        TrackMetrics& to = sum.tracks[track];
        const TrackMetrics& from = part.tracks[track];
        for (Mean TrackMetrics::*mean :
             {&TrackMetrics::empty_bars, &TrackMetrics::pitch_classes, &TrackMetrics::pitches,
              &TrackMetrics::qualified_notes, &TrackMetrics::polyphony, &TrackMetrics::in_scale, &TrackMetrics::pitch,
              &TrackMetrics::notes_per_bar}) {
            merge(to.*mean, from.*mean);
        }
    }
    merge(sum.drum_pattern, part.drum_pattern);
    for (std::size_t pair = 0; pair < sum.tonal_distance.size(); ++pair) {
        merge(sum.tonal_distance[pair], part.tonal_distance[pair]);
    }
}

Metrics measure_phrase(std::span<const std::uint8_t> phrase, const MetricOptions& options) {
    Metrics metrics;
    std::array<TrackView, n_tracks> views = view_phrase(phrase, options.fold);
    add_notes(phrase, options, views, metrics);
    for (std::size_t track = 0; track < n_tracks; ++track) add_bars(views[track], options, metrics.tracks[track]);
    add_drum_bars(views[index_of(Family::drums)], options, metrics.drum_pattern);
    add_tonal_distances(views, metrics.tonal_distance);
    return metrics;
}

std::string cell(const Mean& mean, int decimals = 1) {
    return mean.count == 0 ? fmt::format("{:>9}", "-") : fmt::format("{:>9.{}f}", mean.value(), decimals);
}

}  // namespace

Metrics measure(std::span<const std::uint8_t> phrases, const MetricOptions& options) {
    const std::int64_t count = phrase_count(phrases, "measure");
    if (options.qualified_steps < 1 || options.drum_shifts < 1 || options.drum_shifts > steps_per_beat / 4 ||
        !(options.drum_tolerance >= 0.0 && options.drum_tolerance <= 1.0)) {
        tensor::fail("measure", "{} qualified steps, {} shifts, tolerance {}, expected 1 or more, 1 to 6, 0 to 1",
                     options.qualified_steps, options.drum_shifts, options.drum_tolerance);
    }
    // Phrases are summed in groups of fixed size and the groups in order: the same bits for any number of threads.
    constexpr std::int64_t group = 64;
    std::vector<Metrics> parts(static_cast<std::size_t>((count + group - 1) / group));
#pragma omp parallel for schedule(dynamic)
    for (std::size_t part = 0; part < parts.size(); ++part) {
        const auto first = static_cast<std::int64_t>(part) * group;
        for (std::int64_t k = first; k < std::min(count, first + group); ++k) {
            merge(parts[part], measure_phrase(phrase_at(phrases, k), options));
        }
    }
    Metrics metrics;
    for (const Metrics& part : parts) merge(metrics, part);
    metrics.phrases = count;
    return metrics;
}

std::array<double, 6> tonal_centroid(const Chroma& chroma) {
    static constexpr std::array<std::pair<double, double>, 3> circles{{{1.0, 7.0 * std::numbers::pi / 6.0},
                                                                       {1.0, 3.0 * std::numbers::pi / 2.0},
                                                                       {0.5, 2.0 * std::numbers::pi / 3.0}}};
    static const auto matrix = [] {
        std::array<Chroma, 6> rows{};
        for (std::size_t circle = 0; circle < 3; ++circle) {
            for (std::size_t l = 0; l < 12; ++l) {
                const double angle = static_cast<double>(l) * circles[circle].second;
                rows[2 * circle][l] = circles[circle].first * std::sin(angle);
                rows[2 * circle + 1][l] = circles[circle].first * std::cos(angle);
            }
        }
        return rows;
    }();
    double sum = 0;
    for (const double value : chroma) sum += value;
    std::array<double, 6> centroid{};
    for (std::size_t row = 0; row < 6; ++row) {
        for (std::size_t l = 0; l < 12; ++l) centroid[row] += matrix[row][l] * chroma[l] / sum;
    }
    return centroid;
}

double tonal_distance(const Chroma& a, const Chroma& b) {
    const auto is_silent = [](const Chroma& c) {
        return std::all_of(c.begin(), c.end(), [](double v) { return v == 0; });
    };
    if (is_silent(a) || is_silent(b)) return std::numeric_limits<double>::quiet_NaN();
    const auto ca = tonal_centroid(a), cb = tonal_centroid(b);
    double squares = 0;
    for (std::size_t row = 0; row < 6; ++row) squares += (ca[row] - cb[row]) * (ca[row] - cb[row]);
    return std::sqrt(squares);
}

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
    text += fmt::format("drum pattern (DP) {} %\n", cell(metrics.drum_pattern));
    text += "tonal distance (TD)";
    static constexpr std::array<const char*, 6> names{"B-G", "B-S", "B-P", "G-S", "G-P", "S-P"};
    for (std::size_t pair = 0; pair < tonal_pairs.size(); ++pair) {
        text += fmt::format("  {}{}", names[pair], cell(metrics.tonal_distance[pair], 2));
    }
    return text + "\n";
}

}  // namespace musegan
