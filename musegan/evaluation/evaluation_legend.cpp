#include "musegan/evaluation/evaluation_legend.hpp"

#include <algorithm>

#include "musegan/evaluation/evaluation_text.hpp"
#include "musegan/evaluation/plain_text.hpp"
#include "musegan/evaluation/published_rows.hpp"

namespace musegan {

namespace {

/// A paragraph.
std::string lines(const std::string& text) { return hanging_text("", text, evaluation_columns); }

/// "B bass, D drums, G guitar, P piano, S strings".
std::string letters() {
    std::string text;
    for (std::size_t track = 0; track < n_tracks; ++track)
        text += fmt::format("{}{} {}", track == 0 ? "" : ", ", track_letter(track), tracks[track].name);
    return text;
}

std::string per_track_legend(const MetricOptions& options) {
    const bool is_released = options.fold == ChromaFold::as_released;
    const std::string classes = is_released ? "pitch classes (folded as by the authors' published code)"
                                            : "pitch classes (C, C sharp, ..., B, in whatever octave)";
    const std::string shifts = options.drum_shifts == 1
                                   ? ""
                                   : fmt::format("; of {} shifts of the pattern the best counts", options.drum_shifts);
    return lines("EB: empty bars, in which the track is silent, % of all bars.") +
           lines(fmt::format("UPC: used {} of a bar, over the bars in which the track sounds.", classes)) +
           lines(fmt::format("QN: qualified notes, which last at least {}/{} of a beat{}, % of all notes; few where a "
                             "model strews short ones.",
                             options.qualified_steps, PhraseShape::finest,
                             options.qualified_steps == 3 ? " (a 32nd note)" : "")) +
           lines(
               fmt::format("DP: drum pattern, hits on the 16ths of a bar, % of its hits; one 1/{} of a beat off counts "
                           "{}{}.",
                           PhraseShape::finest, options.drum_tolerance, shifts)) +
           lines(letters() + ".");
}

constexpr const char* harmony_legend =
    "TD: tonal distance of two tracks, how far apart the pitches are that they play within a beat, on a scale on which "
    "fifths and thirds are near; 0 where they play the same. Smaller is more in harmony. Of tracks whose bars are "
    "shuffled it is that of chance.";
constexpr const char* voices_legend =
    "pitches: that the track uses in a bar in which it sounds. polyphony: steps at which it plays two or more; one "
    "voice: at which it plays one, % of the steps at which it sounds. in scale: cells of a bar in C major, %.";
constexpr const char* notes_legend =
    "pitch: the mean MIDI pitch of the notes; 60 is middle C. notes per bar: that begin in it. on 8ths: drum hits on "
    "an 8th of the bar, % of all. distance: cells in which two phrases of the set differ; a model that repeats itself "
    "has a small one.";

/// "--fold as-released, --qn-threshold 2": those that are not as they are by themselves.
std::string stated_options(MetricOptions options) {
    MetricOptions defaults;
    const io::SettingList own = settings_of(options), plain = settings_of(defaults);
    std::string text;
    for (const io::Setting& setting : own)
        if (const std::string value = setting.text(); value != plain.find(setting.key)->text())
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", setting.option, value);
    return text;
}

/// What says nothing on the grid (metrics.hpp).
std::string unmeasured(const Evaluation& evaluation) {
    const PhraseShape& shape = evaluation.shape;
    std::string names;
    if (shape.finest_steps() - 1 >= evaluation.options.qualified_steps) names = "QN";
    if (shape.finest_steps() % (PhraseShape::finest / 4) == 0) names += names.empty() ? "DP" : " and DP";
    return names;
}

}  // namespace

std::string heading_of(const Metric& metric) { return metric.group + (metric.unit.empty() ? "" : " " + metric.unit); }

std::string options_text(const Evaluation& evaluation) {
    std::string text = fmt::format("All on {} steps per beat", evaluation.shape.steps_per_beat);
    if (const std::string names = unmeasured(evaluation); !names.empty())
        text += fmt::format(", on which {} would be 100 % of anything and say nothing", names);
    if (const std::string options = stated_options(evaluation.options); !options.empty())
        text += fmt::format("; measured with {}", options);
    return lines(text + ".");
}

std::string table_legend(MetricTable table, const MetricOptions& options) {
    switch (table) {
        case MetricTable::per_track: return per_track_legend(options);
        case MetricTable::harmony: return lines(harmony_legend);
        case MetricTable::voices: return lines(voices_legend);
        case MetricTable::notes: return lines(notes_legend);
    }
    return {};
}

std::string distance_heading(bool has_floor) {
    const std::string text =
        "Distance to the data: of each group of columns above the mean |value - the data's value|.";
    return lines(text + (has_floor ? " That of held-out songs, others of the data's kind, is the noise floor; x floor: "
                                     "how many times as far a set is. Below about 1 it is no farther from the data "
                                     "than such songs are."
                                   : " How far is near, held-out songs would tell (musegan prepare --held-out)."));
}

std::string histogram_heading() {
    return lines("What histograms share with the data's: their common area, %; 100 for the same.");
}

std::string copying_heading(double almost_same, bool has_given) {
    return lines(fmt::format(
        "Copying: of each phrase the nearest of the data, in any key. Distance: cells that differ, over "
        "cells that are on in either, 0 to 1; below {} two phrases are almost the same.{}",
        almost_same,
        has_given ? " A track that a model is given is the data's and counts, too: it brings them nearer." : ""));
}

std::string mark_heading() {
    return lines("Marks: which figures are near the data's (musegan/evaluation/README.md says how near).");
}

std::string common_legend(const Evaluation& evaluation, bool published) {
    const auto is_sample = [](const std::optional<EvaluatedSet>& set) { return set && set->is_sample(); };
    std::string text = "\"-\": nothing to measure.";
    if (evaluation.data && (evaluation.held_out || evaluation.shuffled || !evaluation.sets.empty()))
        text += " \"- data\": the difference to the data's value.";
    if (is_sample(evaluation.data) || is_sample(evaluation.held_out) || is_sample(evaluation.shuffled) ||
        std::ranges::any_of(evaluation.sets, &EvaluatedSet::is_sample))
        text += " \"+-\": the standard error of a sample.";
    text = lines(text);
    if (evaluation.has_given())
        text +=
            lines("A track that a model is given is not its work: it has no values, and marks of it are its data's.");
    if (published)
        text +=
            lines(fmt::format("paper: {}, to compare with which --fold as-released counts; |P: of models that are "
                              "given the piano.",
                              published_about));
    return text;
}

}  // namespace musegan
