#include "musegan/evaluation/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "musegan/evaluation/distance.hpp"
#include "musegan/evaluation/tonal_distance.hpp"
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

void view_note(const PhraseShape& shape, const Run& run, ChromaFold fold, TrackView& view) {
    const auto pitch = static_cast<std::size_t>(run.pitch);
    const auto pitch_class = static_cast<std::size_t>(pitch_class_of(run.pitch, shape, fold));
    ++view.onsets[static_cast<std::size_t>(run.begin)];
    for (std::int64_t step = run.begin; step < run.end; ++step) ++view.voices[static_cast<std::size_t>(step)];
    const std::int64_t per_beat = shape.steps_per_beat;
    for (std::int64_t beat = run.begin / per_beat; beat * per_beat < run.end; ++beat) {
        const std::int64_t cells = std::min(run.end, (beat + 1) * per_beat) - std::max(run.begin, beat * per_beat);
        const auto bar = static_cast<std::size_t>(beat / PhraseShape::beats_per_bar);
        view.chroma[static_cast<std::size_t>(beat)][pitch_class] += static_cast<double>(cells);
        view.used[bar * static_cast<std::size_t>(shape.pitches) + pitch] = 1;
        view.cells[bar] += cells;
        if (c_major[pitch % 12]) view.cells_in_scale[bar] += cells;
    }
}

/// The length on the finest grid of a pitched note of so many steps: on a coarser one, what its steps cover less one
/// for the rest (expand).
std::int64_t finest_length(std::int64_t steps, const PhraseShape& shape) {
    return shape.finest_steps() == 1 ? steps : steps * shape.finest_steps() - 1;
}

/// Also fills the views. Histograms go to `all`, which has those of other phrases already.
void add_notes(const PhraseShape& shape, std::span<const std::uint8_t> phrase, const MetricOptions& options,
               std::vector<TrackView>& views, Metrics& metrics, Metrics& all) {
    const bool tells_short_notes = finest_length(1, shape) < options.qualified_steps || shape.finest_steps() == 1;
    for_each_note(shape, phrase, [&](const Run& run) {
        const auto track = static_cast<std::size_t>(run.track);
        TrackMetrics& sums = metrics.tracks[track];
        if (tells_short_notes && (!is_drums(run.track) || shape.finest_steps() == 1))
            sums.qualified_notes.add(finest_length(run.length(), shape) >= options.qualified_steps ? 100.0 : 0.0);
        sums.pitch.add(run.pitch + shape.lowest_pitch);
        if (!is_drums(run.track)) all.tracks[track].lengths.add(run.length());
        all.tracks[track].pitches_of_notes.add(run.pitch + shape.lowest_pitch);
        view_note(shape, run, options.fold, views[track]);
    });
}

void add_bars(const PhraseShape& shape, const TrackView& view, const MetricOptions& options, TrackMetrics& sums,
              Histogram& densities) {
    const auto steps = static_cast<std::size_t>(shape.steps_per_bar());
    for (std::size_t bar = 0; bar < view.cells.size(); ++bar) {
        std::int64_t notes = 0;
        for (std::size_t step = bar * steps; step < (bar + 1) * steps; ++step) notes += view.onsets[step];
        sums.notes_per_bar.add(static_cast<double>(notes));
        densities.add(notes);
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
    for (const std::int16_t voices : view.voices) {
        if (voices == 0) continue;
        sums.polyphony.add(voices >= 2 ? 100.0 : 0.0);
        sums.monophony.add(voices == 1 ? 100.0 : 0.0);
    }
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
    std::array<std::vector<TonalCentroid>, n_tracks> centroids;  // of each beat
    for (std::size_t track = 0; track < n_tracks; ++track) {
        if (is_drums(static_cast<int>(track))) continue;
        for (const Chroma& chroma : views[track].chroma) centroids[track].push_back(tonal_centroid(chroma));
    }
    for (std::size_t pair = 0; pair < tonal_pairs.size(); ++pair) {
        const auto& a = centroids[static_cast<std::size_t>(tonal_pairs[pair].first)];
        const auto& b = centroids[static_cast<std::size_t>(tonal_pairs[pair].second)];
        for (std::size_t beat = 0; beat < a.size(); ++beat) {
            const double distance = tonal_distance(a[beat], b[beat]);
            if (!std::isnan(distance)) sums[pair].add(distance);
        }
    }
}

/// Calls visit(a mean of `sum`, the same mean of `part`) for every one that is a sum over phrases.
template <typename Visit>
void for_each_mean(Metrics& sum, const Metrics& part, const Visit& visit) {
    for (std::size_t track = 0; track < n_tracks; ++track) {
        for (Mean TrackMetrics::*mean :
             {&TrackMetrics::empty_bars, &TrackMetrics::pitch_classes, &TrackMetrics::pitches,
              &TrackMetrics::qualified_notes, &TrackMetrics::polyphony, &TrackMetrics::monophony,
              &TrackMetrics::in_scale, &TrackMetrics::pitch, &TrackMetrics::notes_per_bar}) {
            visit(sum.tracks[track].*mean, part.tracks[track].*mean);
        }
    }
    visit(sum.drum_pattern, part.drum_pattern);
    visit(sum.drums_on_eighths, part.drums_on_eighths);
    for (std::size_t pair = 0; pair < sum.tonal_distance.size(); ++pair)
        visit(sum.tonal_distance[pair], part.tonal_distance[pair]);
}

void merge(Metrics& sum, const Metrics& part) {
    for_each_mean(sum, part, [](Mean& to, const Mean& from) { to.merge(from); });
    for (std::size_t track = 0; track < n_tracks; ++track) {
        for (Histogram TrackMetrics::*histogram :
             {&TrackMetrics::lengths, &TrackMetrics::pitches_of_notes, &TrackMetrics::densities}) {
            (sum.tracks[track].*histogram).merge(part.tracks[track].*histogram);
        }
    }
}

void add_phrase(const PhraseShape& shape, std::span<const std::uint8_t> phrase, const MetricOptions& options,
                Metrics& all) {
    Metrics metrics;
    std::vector<TrackView> views(n_tracks, TrackView(shape));
    add_notes(shape, phrase, options, views, metrics, all);
    for (std::size_t track = 0; track < n_tracks; ++track) {
        add_bars(shape, views[track], options, metrics.tracks[track], all.tracks[track].densities);
        add_steps(views[track], metrics.tracks[track]);
    }
    const TrackView& drums = views[index_of(Family::drums)];
    add_drum_bars(shape, drums, options, metrics.drum_pattern);
    add_drum_onsets(shape, drums, metrics.drums_on_eighths);
    add_tonal_distances(views, metrics.tonal_distance);
    for_each_mean(all, metrics, [](Mean& to, const Mean& from) { to.add_group(from); });
}

}  // namespace

io::SettingList settings_of(MetricOptions& options) {
    io::SettingList list;
    list.choice("fold", options.fold,
                "Pitches of one class: pitch mod 12, or as the authors' published code folds them");
    list.number<int>("qn_threshold", options.qualified_steps, {1, paper_shape.steps()},
                     "QN: steps of 24ths of a beat from which a note is qualified (paper 3, code of 2017: 2)");
    list.number<double>("drum_tolerance", options.drum_tolerance, {0.0, 1.0},
                        "DP: weight of a hit one 24th off the pattern (2017: 0.3, code of 2018: 0.1)");
    list.number<int>("drum_shifts", options.drum_shifts, {1, sixteenth},
                     "DP: of so many shifts the best counts, bar by bar (code of 2018: 1)");
    return list;
}

void MetricOptions::validate() const { io::validate(*this, "measure"); }

Metrics measure(const PhraseSequence& phrases, const MetricOptions& options) {
    options.validate();
    // Phrases are summed in groups of fixed size and the groups in order: the same bits for any number of threads. No
    // more than a block of groups is in memory.
    constexpr std::int64_t group = 64, block = 1024 * group;
    Metrics metrics;
    for (std::int64_t begin = 0; begin < phrases.count(); begin += block) {
        const std::int64_t count = std::min(block, phrases.count() - begin);
        std::vector<Metrics> parts(static_cast<std::size_t>((count + group - 1) / group));
        tensor::parallel_chunks(count, group, [&](std::int64_t first, std::int64_t end) {
            Metrics& part = parts[static_cast<std::size_t>(first / group)];
            std::vector<std::uint8_t> room;
            for (std::int64_t k = begin + first; k < begin + end; ++k)
                add_phrase(phrases.shape(), phrases.read(k, room), options, part);
        });
        for (const Metrics& part : parts) merge(metrics, part);
    }
    metrics.phrases = phrases.count();
    metrics.distance = pairwise_distance(phrases);
    return metrics;
}

}  // namespace musegan
