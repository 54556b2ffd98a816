#include "musegan/evaluation/comparison.hpp"

#include <algorithm>
#include <cmath>

#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr std::size_t bass = index_of(Family::bass);

Mark mark_of(std::string name, const Mean& made, const Mean& data, Wanted wanted) {
    const double got = made.value();
    const bool met = made.count == 0 ? data.count == 0 : got >= wanted.least && got <= wanted.most;
    return {std::move(name), got, wanted, met};
}

std::vector<Mark> marks_of(const Metrics& made, const Metrics& data, const Tolerances& tolerances) {
    std::vector<Mark> marks;
    for (std::size_t track = 0; track < n_tracks; ++track) {
        const TrackMetrics &to = made.tracks[track], &from = data.tracks[track];
        const auto add = [&](const char* figure, Mean TrackMetrics::*mean, Wanted wanted) {
            marks.push_back(mark_of(fmt::format("{} {}", tracks[track].name, figure), to.*mean, from.*mean, wanted));
        };
        const double empty = from.empty_bars.value(), classes = from.pitch_classes.value();
        add("EB", &TrackMetrics::empty_bars, {empty - tolerances.empty_bars, empty + tolerances.empty_bars});
        if (!is_drums(static_cast<int>(track)))
            add("UPC", &TrackMetrics::pitch_classes,
                {classes - tolerances.pitch_classes, classes + tolerances.pitch_classes});
        const double notes = from.notes_per_bar.value() + tolerances.notes_added;
        add("notes", &TrackMetrics::notes_per_bar,
            {notes / tolerances.notes_factor - tolerances.notes_added,
             notes * tolerances.notes_factor - tolerances.notes_added});
        if (track == bass) add("poly", &TrackMetrics::polyphony, {0.0, tolerances.bass_polyphony});
    }
    marks.push_back(mark_of("distance", made.distance, data.distance,
                            {tolerances.distance_share * data.distance.value(), HUGE_VAL}));
    return marks;
}

Fact bass_lowest(const Metrics& made) {
    const Mean* next = nullptr;
    std::string_view name;
    for (std::size_t track = 0; track < n_tracks; ++track) {
        const Mean& pitch = made.tracks[track].pitch;
        if (track == bass || is_drums(static_cast<int>(track)) || pitch.count == 0) continue;
        if (next != nullptr && pitch.value() >= next->value()) continue;
        next = &pitch;
        name = tracks[track].name;
    }
    const Mean& own = made.tracks[bass].pitch;
    if (own.count == 0) return {"bass lowest", false, "it has no notes"};
    if (next == nullptr) return {"bass lowest", true, fmt::format("{:.1f}; no other has notes", own.value())};
    return {"bass lowest", own.value() < next->value(),
            fmt::format("{:.1f}; the lowest of the others is {} with {:.1f}", own.value(), name, next->value())};
}

Fact bass_of_one_voice(const Metrics& made, const Tolerances& tolerances) {
    const Mean& polyphony = made.tracks[bass].polyphony;
    if (polyphony.count == 0) return {"bass mostly of one voice", false, "it never sounds"};
    return {"bass mostly of one voice", polyphony.value() <= tolerances.bass_polyphony,
            fmt::format("two pitches or more at {:.1f} % of the steps at which it sounds", polyphony.value())};
}

/// Decided by the pair that is farthest from what is allowed; a pair that never sounds together in the data is none.
Fact chords_that_share_pitches(const Metrics& made, const Metrics& data, const Tolerances& tolerances) {
    Fact fact{"chords that share pitches", true, "no two tracks sound together in the data"};
    double worst = -HUGE_VAL;
    for (std::size_t pair = 0; pair < tonal_pairs.size(); ++pair) {
        const Mean &to = made.tonal_distance[pair], &from = data.tonal_distance[pair];
        if (from.count == 0) continue;
        if (to.count == 0)
            return {fact.name, false, fmt::format("the tracks of {} never sound together", tonal_pair_names[pair])};
        const double excess = to.value() - tolerances.tonal_factor * from.value();
        if (excess <= worst) continue;
        worst = excess;
        fact.holds = excess <= 0;
        fact.figures = fmt::format("the farthest pair is {} with a TD of {:.2f}, the data's {:.2f}",
                                   tonal_pair_names[pair], to.value(), from.value());
    }
    return fact;
}

/// A column of the table: a figure of each track, twice.
struct Column {
    const char* title;
    const char* mark;  // what marks on it are called, behind the track's name
    Mean TrackMetrics::*mean;
    int decimals;
    bool of_drums;
};
constexpr std::array<Column, 5> columns{{{"EB %", "EB", &TrackMetrics::empty_bars, 1, true},
                                         {"UPC", "UPC", &TrackMetrics::pitch_classes, 2, false},
                                         {"notes", "notes", &TrackMetrics::notes_per_bar, 2, true},
                                         {"pitch", "pitch", &TrackMetrics::pitch, 1, true},
                                         {"poly %", "poly", &TrackMetrics::polyphony, 1, false}}};

std::string number(const Mean& mean, int decimals) {
    return mean.count == 0 ? "-" : fmt::format("{:.{}f}", mean.value(), decimals);
}
/// The same in the table, 8 columns wide and one for the star.
std::string cell(const Mean& mean, int decimals, bool missed = false) {
    return fmt::format("{:>8}{}", number(mean, decimals), missed ? '*' : ' ');
}

std::string track_rows(const Comparison& comparison) {
    std::string titles(8, ' '), text = fmt::format("{:<8}", "track");
    for (const Column& column : columns) {
        titles += fmt::format("{:>17} ", column.title);
        text += fmt::format("{:>8} {:>8} ", "data", "new");
    }
    text = titles + "\n" + text + "\n";
    for (std::size_t track = 0; track < n_tracks; ++track) {
        text += fmt::format("{:<8}", tracks[track].name);
        for (const Column& column : columns) {
            const bool asked = column.of_drums || !is_drums(static_cast<int>(track));
            const auto of = [&](const Metrics& metrics) { return asked ? metrics.tracks[track].*column.mean : Mean{}; };
            text += cell(of(comparison.data), column.decimals) +
                    cell(of(comparison.made), column.decimals,
                         comparison.misses(fmt::format("{} {}", tracks[track].name, column.mark)));
        }
        text += '\n';
    }
    return text;
}

std::string phrase_rows(const Comparison& comparison) {
    std::string titles = fmt::format("{:<8}", "TD");
    for (const char* name : tonal_pair_names) titles += fmt::format("{:>8} ", name);
    titles += fmt::format("{:>17} {:>17} ", "drums on 8ths %", "distance");
    const auto row = [&](const char* name, const Metrics& metrics, bool missed) {
        std::string text = fmt::format("{:<8}", name);
        for (const Mean& distance : metrics.tonal_distance) text += cell(distance, 2);
        return text +
               fmt::format("{:>17} {:>17}{}", number(metrics.drums_on_eighths, 1), number(metrics.distance, 1),
                           missed ? '*' : ' ') +
               "\n";
    };
    return titles + "\n" + row("data", comparison.data, false) +
           row("new", comparison.made, comparison.misses("distance"));
}

constexpr const char* legend = R"(EB: bars in which the track is silent, % of all bars.
UPC: pitch classes (C, C sharp, ..., B) that it plays in a bar in which it sounds.
notes: notes that it begins in a bar. pitch: the mean MIDI pitch of its notes; 60 is middle C.
poly: steps at which it plays two pitches or more, % of the steps at which it sounds.
TD: how far apart the pitches of two tracks are in harmony, beat by beat; 0 where they are the same.
    B bass, G guitar, S strings, P piano.
drums on 8ths: drum hits that begin on an 8th of the bar, % of all.
distance: cells in which two phrases differ; a model that repeats itself has a small one.
-: nothing to measure. *: too far from the data.
)";

/// Without the spaces at the ends of lines.
std::string trimmed(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '\n') result.erase(result.find_last_not_of(' ') + 1);
        result += c;
    }
    return result;
}

}  // namespace

std::int64_t Comparison::missed() const { return std::ranges::count(marks, false, &Mark::met); }

bool Comparison::misses(std::string_view name) const {
    return std::ranges::any_of(marks, [&](const Mark& mark) { return mark.name == name && !mark.met; });
}

Comparison compare(const Metrics& made, const Metrics& data, const Tolerances& tolerances) {
    return {.data = data,
            .made = made,
            .marks = marks_of(made, data, tolerances),
            .facts = {bass_lowest(made), bass_of_one_voice(made, tolerances),
                      chords_that_share_pitches(made, data, tolerances)}};
}

Comparison compare(const PhraseView& made, const PhraseView& data, const Tolerances& tolerances) {
    if (made.shape() != data.shape())
        tensor::fail("compare", "phrases of {}, expected those of the data: {}", made.shape().to_string(),
                     data.shape().to_string());
    if (made.count() == 0 || data.count() == 0)
        tensor::fail("compare", "{} phrases and {} of the data, expected some of both", made.count(), data.count());
    return compare(measure(made), measure(data), tolerances);
}

std::string missed_line(const Comparison& comparison) {
    std::vector<std::string> names;
    for (const Mark& mark : comparison.marks)
        if (!mark.met) names.push_back(mark.name);
    return fmt::format("{} of {} marks missed{}{}", names.size(), comparison.marks.size(), names.empty() ? "" : ": ",
                       fmt::join(names, ", "));
}

std::string comparison_table(const Comparison& comparison) {
    std::string text =
        track_rows(comparison) + "\n" + phrase_rows(comparison) + "\n" + legend + "\n" + missed_line(comparison) + "\n";
    for (const Fact& fact : comparison.facts)
        text += fmt::format("{}: {} ({})\n", fact.name, fact.holds ? "yes" : "no", fact.figures);
    return trimmed(text);
}

}  // namespace musegan
