#include "musegan/evaluation/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "musegan/evaluation/distance.hpp"
#include "tensor/error.hpp"
#include "tensor/parallel.hpp"

namespace musegan {

namespace {

constexpr std::array<bool, 12> c_major{true, false, true, false, true, true, false, true, false, true, false, true};
constexpr int sixteenth = PhraseShape::finest / 4;  // in steps of the finest grid

int pitch_class_of(int pitch, const PhraseShape& shape, ChromaFold fold) {
    return fold == ChromaFold::pitch_class ? pitch % 12 : pitch / shape.octaves();  // a shape's lowest pitch is a C
}

/// One track of one phrase, reduced to what the metrics ask for.
struct TrackView {
    explicit TrackView(const PhraseShape& shape)
        : chroma(static_cast<std::size_t>(shape.beats())),
          used(static_cast<std::size_t>(shape.bars * shape.pitches)),
          voices(static_cast<std::size_t>(shape.steps())),
          onsets(static_cast<std::size_t>(shape.steps())),
          cells(static_cast<std::size_t>(shape.bars)),
          cells_in_scale(static_cast<std::size_t>(shape.bars)) {}

    std::vector<Chroma> chroma;                       // cells per beat and pitch class
    std::vector<char> used;                           // whether a pitch sounds in a bar: bar by bar
    std::vector<std::int16_t> voices;                 // pitches sounding at a step
    std::vector<int> onsets;                          // notes that begin at a step
    std::vector<std::int64_t> cells, cells_in_scale;  // by bar
};

std::vector<TrackView> view_phrase(const PhraseShape& shape, std::span<const std::uint8_t> phrase, ChromaFold fold) {
    std::vector<TrackView> views(n_tracks, TrackView(shape));
    for_each_cell(shape, phrase, [&](std::int64_t step, int pitch, int track) {
        TrackView& view = views[static_cast<std::size_t>(track)];
        const auto bar = static_cast<std::size_t>(step / shape.steps_per_bar());
        view.chroma[static_cast<std::size_t>(step / shape.steps_per_beat)]
                   [static_cast<std::size_t>(pitch_class_of(pitch, shape, fold))] += 1;
        view.used[bar * static_cast<std::size_t>(shape.pitches) + static_cast<std::size_t>(pitch)] = 1;
        ++view.voices[static_cast<std::size_t>(step)];
        ++view.cells[bar];
        view.cells_in_scale[bar] += c_major[static_cast<std::size_t>(pitch % 12)];
    });
    return views;
}

/// The length on the finest grid of a pitched note of so many steps: on a coarser one, what its steps cover less one
/// for the rest (expand).
std::int64_t finest_length(std::int64_t steps, const PhraseShape& shape) {
    return shape.finest_steps() == 1 ? steps : steps * shape.finest_steps() - 1;
}

void add_notes(const PhraseShape& shape, std::span<const std::uint8_t> phrase, const MetricOptions& options,
               std::vector<TrackView>& views, Metrics& metrics) {
    const bool tells_short_notes = finest_length(1, shape) < options.qualified_steps || shape.finest_steps() == 1;
    for (const Run& run : note_runs(shape, phrase)) {
        const auto track = static_cast<std::size_t>(run.track);
        TrackMetrics& sums = metrics.tracks[track];
        if (tells_short_notes && (!is_drums(run.track) || shape.finest_steps() == 1))
            sums.qualified_notes.add(finest_length(run.length(), shape) >= options.qualified_steps ? 100.0 : 0.0);
        sums.pitch.add(run.pitch + shape.lowest_pitch);
        ++views[track].onsets[static_cast<std::size_t>(run.begin)];
    }
}

void add_bars(const PhraseShape& shape, const TrackView& view, const MetricOptions& options, TrackMetrics& sums) {
    const auto steps = static_cast<std::size_t>(shape.steps_per_bar());
    for (std::size_t bar = 0; bar < view.cells.size(); ++bar) {
        std::int64_t notes = 0;
        for (std::size_t step = bar * steps; step < (bar + 1) * steps; ++step) notes += view.onsets[step];
        sums.notes_per_bar.add(static_cast<double>(notes));
        sums.empty_bars.add(view.cells[bar] == 0 ? 100.0 : 0.0);
        if (view.cells[bar] == 0) continue;
        std::array<bool, 12> classes{};
        int pitches = 0;
        for (int pitch = 0; pitch < shape.pitches; ++pitch) {
            if (!view.used[bar * static_cast<std::size_t>(shape.pitches) + static_cast<std::size_t>(pitch)]) continue;
            ++pitches;
            classes[static_cast<std::size_t>(pitch_class_of(pitch, shape, options.fold))] = true;
        }
        sums.pitches.add(pitches);
        sums.pitch_classes.add(static_cast<double>(std::count(classes.begin(), classes.end(), true)));
        sums.in_scale.add(100.0 * static_cast<double>(view.cells_in_scale[bar]) / static_cast<double>(view.cells[bar]));
    }
}

void add_steps(const TrackView& view, TrackMetrics& sums) {
    for (const std::int16_t voices : view.voices)
        if (voices > 0) sums.polyphony.add(voices >= 2 ? 100.0 : 0.0);
}

void add_drum_onsets(const PhraseShape& shape, const TrackView& drums, Mean& on_eighths) {
    const auto eighth = static_cast<std::size_t>(shape.steps_per_beat / 2);
    for (std::size_t step = 0; step < drums.onsets.size(); ++step) {
        const int onsets = drums.onsets[step];
        on_eighths.count += onsets;
        if (step % eighth == 0) on_eighths.sum += 100.0 * onsets;
    }
}

/// Weighted share of a bar's onsets on the 16-beat pattern (every sixth step of the finest grid; the 8-beat pattern
/// lies within), best shift.
void add_drum_bars(const PhraseShape& shape, const TrackView& drums, const MetricOptions& options, Mean& sums) {
    if (shape.finest_steps() % sixteenth == 0) return;  // no step is off the pattern
    const auto steps = static_cast<std::size_t>(shape.steps_per_bar());
    for (std::size_t bar = 0; bar < drums.cells.size(); ++bar) {
        std::array<double, sixteenth> at_phase{};
        double all = 0;
        for (std::size_t step = 0; step < steps; ++step) {
            const int onsets = drums.onsets[bar * steps + step];
            at_phase[step * static_cast<std::size_t>(shape.finest_steps()) % sixteenth] += onsets;
            all += onsets;
        }
        if (all == 0) continue;
        double best = 0;
        for (std::size_t shift = 0; shift < static_cast<std::size_t>(options.drum_shifts); ++shift) {
            const double near = at_phase[(shift + 1) % sixteenth] + at_phase[(shift + sixteenth - 1) % sixteenth];
            best = std::max(best, at_phase[shift] + options.drum_tolerance * near);
        }
        sums.add(100.0 * best / all);
    }
}

void add_tonal_distances(const std::vector<TrackView>& views, std::array<Mean, 6>& sums) {
    for (std::size_t pair = 0; pair < tonal_pairs.size(); ++pair) {
        const TrackView& a = views[static_cast<std::size_t>(tonal_pairs[pair].first)];
        const TrackView& b = views[static_cast<std::size_t>(tonal_pairs[pair].second)];
        for (std::size_t beat = 0; beat < a.chroma.size(); ++beat) {
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
    merge(sum.drums_on_eighths, part.drums_on_eighths);
    for (std::size_t pair = 0; pair < sum.tonal_distance.size(); ++pair) {
        merge(sum.tonal_distance[pair], part.tonal_distance[pair]);
    }
}

Metrics measure_phrase(const PhraseShape& shape, std::span<const std::uint8_t> phrase, const MetricOptions& options) {
    Metrics metrics;
    std::vector<TrackView> views = view_phrase(shape, phrase, options.fold);
    add_notes(shape, phrase, options, views, metrics);
    for (std::size_t track = 0; track < n_tracks; ++track) {
        add_bars(shape, views[track], options, metrics.tracks[track]);
        add_steps(views[track], metrics.tracks[track]);
    }
    const TrackView& drums = views[index_of(Family::drums)];
    add_drum_bars(shape, drums, options, metrics.drum_pattern);
    add_drum_onsets(shape, drums, metrics.drums_on_eighths);
    add_tonal_distances(views, metrics.tonal_distance);
    return metrics;
}

std::string cell(const Mean& mean, int decimals = 1) {
    return mean.count == 0 ? fmt::format("{:>9}", "-") : fmt::format("{:>9.{}f}", mean.value(), decimals);
}

}  // namespace

Metrics measure(const PhraseView& phrases, const MetricOptions& options) {
    const std::int64_t count = phrases.count();
    if (options.qualified_steps < 1 || options.drum_shifts < 1 || options.drum_shifts > sixteenth ||
        !(options.drum_tolerance >= 0.0 && options.drum_tolerance <= 1.0)) {
        tensor::fail("measure", "{} qualified steps, {} shifts, tolerance {}, expected 1 or more, 1 to 6, 0 to 1",
                     options.qualified_steps, options.drum_shifts, options.drum_tolerance);
    }
    // Phrases are summed in groups of fixed size and the groups in order: the same bits for any number of threads.
    constexpr std::int64_t group = 64;
    std::vector<Metrics> parts(static_cast<std::size_t>((count + group - 1) / group));
    tensor::parallel_chunks(count, group, [&](std::int64_t first, std::int64_t end) {
        Metrics& part = parts[static_cast<std::size_t>(first / group)];
        for (std::int64_t k = first; k < end; ++k) {
            merge(part, measure_phrase(phrases.shape(), phrases[k], options));
        }
    });
    Metrics metrics;
    for (const Metrics& part : parts) merge(metrics, part);
    metrics.phrases = count;
    metrics.distance = pairwise_distance(phrases);
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
    text += fmt::format("drum pattern (DP) {} %,  drums on 8ths {} %,  distance of two phrases {} cells\n",
                        cell(metrics.drum_pattern), cell(metrics.drums_on_eighths), cell(metrics.distance));
    text += "tonal distance (TD)";
    for (std::size_t pair = 0; pair < tonal_pairs.size(); ++pair) {
        text += fmt::format("  {}{}", tonal_pair_names[pair], cell(metrics.tonal_distance[pair], 2));
    }
    return text + "\n";
}

}  // namespace musegan
