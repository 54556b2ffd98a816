#include "musegan/evaluation/metrics.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "musegan/evaluation/metric_list.hpp"
#include "musegan/phrase/grid.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/support/threads.hpp"

using namespace musegan;

namespace {

constexpr int bass = 0, drums = 1, guitar = 2, piano = 3;

Metrics measure_roll(const PianoRoll& roll, const MetricOptions& options = {}) {
    return measure(PhraseView(roll.shape(), roll.bits()), options);
}

}  // namespace

TEST_CASE("metrics: silence counts as empty bars and as nothing else") {
    const Metrics metrics = measure_roll(PianoRoll(paper_shape, paper_shape.steps()));
    CHECK(metrics.phrases == 1);
    for (const TrackMetrics& track : metrics.tracks) {
        CHECK(track.empty_bars.value() == 100.0);
        CHECK(track.empty_bars.count == 4);
        CHECK(track.pitch_classes.count == 0);
        CHECK(std::isnan(track.pitch_classes.value()));
        CHECK(track.qualified_notes.count == 0);
        CHECK(track.notes_per_bar.value() == 0.0);
        CHECK(track.polyphony.count == 0);
        CHECK(track.monophony.count == 0);
        CHECK(track.lengths.counts.empty());
        CHECK(track.pitches_of_notes.counts.empty());
        CHECK(track.densities.counts == std::vector<std::int64_t>{4});
    }
    CHECK(metrics.drum_pattern.count == 0);
    CHECK(metrics.drums_on_eighths.count == 0);
    CHECK(metrics.distance.count == 0);
    CHECK(metrics.tonal_distance[0].count == 0);
    CHECK(metrics_table(metrics).find("nan") == std::string::npos);
    CHECK(measure(PackedPhrases{}).phrases == 0);
}

TEST_CASE("metrics: EB, UPC, QN, polyphony and scale on a phrase counted by hand") {
    PianoRoll roll(paper_shape, paper_shape.steps());
    roll.set_run(0, 1, 0, piano);      // C, 1 step
    roll.set_run(4, 7, 12, piano);     // C an octave up, 3 steps
    roll.set_run(4, 8, 16, piano);     // E, 4 steps
    roll.set_run(90, 100, 18, piano);  // F sharp, 10 steps, over the bar line
    roll.set_run(200, 202, 3, piano);  // D sharp, 2 steps, bar 2
    const TrackMetrics track = measure_roll(roll).tracks[piano];
    CHECK(track.empty_bars.value() == 25.0);                      // bar 3
    CHECK(track.pitch_classes.value() == (3.0 + 1.0 + 1.0) / 3);  // {C, E, F#}, {F#}, {D#}
    CHECK(track.pitches.value() == (4.0 + 1.0 + 1.0) / 3);
    CHECK(track.qualified_notes.count == 5);
    CHECK(track.qualified_notes.value() == 60.0);  // 1 and 2 steps are too short, the run over the bar line is one note
    CHECK(track.polyphony.count == 1 + 4 + 10 + 2);  // steps at which it sounds
    CHECK(track.polyphony.value() == 300.0 / 17);    // steps 4 to 6
    CHECK(track.monophony.value() == 1400.0 / 17);
    CHECK(track.monophony.count == 17);
    CHECK(track.in_scale.value() == doctest::Approx(100.0 * (8.0 / 14) / 3));
    CHECK(track.notes_per_bar.value() == 5.0 / 4);
    CHECK(track.pitch.value() == paper_shape.lowest_pitch + (0 + 12 + 16 + 18 + 3) / 5.0);
    CHECK(measure_roll(roll, {.qualified_steps = 2}).tracks[piano].qualified_notes.value() == 80.0);
}

TEST_CASE("metrics: histograms of note lengths, pitches and notes per bar, counted by hand") {
    using Counts = std::vector<std::int64_t>;
    PianoRoll roll(paper_shape, paper_shape.steps());
    roll.set_run(0, 1, 2, piano);      // MIDI pitch 26, 1 step
    roll.set_run(4, 7, 2, piano);      // 3 steps
    roll.set_run(95, 98, 0, piano);    // MIDI pitch 24, 3 steps: begins in bar 0
    roll.set_run(200, 202, 3, piano);  // MIDI pitch 27, 2 steps, bar 2
    roll.set_run(10, 13, 5, drums);
    const Metrics metrics = measure_roll(roll);
    const TrackMetrics &keys = metrics.tracks[piano], &kit = metrics.tracks[drums];
    CHECK(keys.lengths.counts == Counts{0, 1, 1, 2});
    CHECK(keys.densities.counts == Counts{2, 1, 0, 1});
    CHECK(keys.pitches_of_notes.first == 0);
    REQUIRE(keys.pitches_of_notes.counts.size() == 28);
    CHECK(keys.pitches_of_notes.counts[24] == 1);
    CHECK(keys.pitches_of_notes.counts[26] == 2);
    CHECK(keys.pitches_of_notes.counts[27] == 1);
    CHECK(keys.pitches_of_notes.total() == 4);
    CHECK(kit.lengths.counts.empty());  // a hit has no length
    CHECK(kit.densities.counts == Counts{3, 1});
    CHECK(kit.pitches_of_notes.total() == 1);
    // Steps of the phrases' own grid.
    const PhraseShape coarse = paper_shape.on_grid(4);
    PianoRoll long_note(coarse, coarse.steps());
    long_note.set_run(0, 5, 0, bass);
    CHECK(measure_roll(long_note).tracks[bass].lengths.counts == Counts{0, 0, 0, 0, 0, 1});
}

TEST_CASE("metrics: the authors' fold takes seven neighbours for one class") {
    PianoRoll roll(paper_shape, paper_shape.steps());
    for (const int pitch : {0, 6, 7, 12}) roll.set(0, pitch, guitar);
    CHECK(measure_roll(roll).tracks[guitar].pitch_classes.value() == 3.0);
    CHECK(measure_roll(roll, {.fold = ChromaFold::as_released}).tracks[guitar].pitch_classes.value() == 2.0);
    roll.set(0, 14, guitar);
    CHECK(measure_roll(roll, {.fold = ChromaFold::as_released}).tracks[guitar].pitch_classes.value() == 3.0);
}

TEST_CASE("metrics: DP takes the best of six shifts in each bar, one step off counts the tolerance") {
    PianoRoll roll(paper_shape, paper_shape.steps());
    for (int step = 0; step < 96; step += 12) roll.set(step, 12, drums);       // bar 0: eighths, 100 %
    for (int step = 96 + 4; step < 192; step += 6) roll.set(step, 18, drums);  // bar 1: 16ths, all late by 4: 100 %
    roll.set(192, 12, drums);                                                  // bar 2: on, one off, one far off
    roll.set(192 + 7, 12, drums);
    roll.set(192 + 15, 12, drums);
    const Metrics metrics = measure_roll(roll);
    CHECK(metrics.drum_pattern.count == 3);
    CHECK(metrics.drum_pattern.value() == doctest::Approx((100.0 + 100.0 + 100.0 * 1.3 / 3) / 3));
    // Without shifts bar 1 (phase 4) gets nothing.
    CHECK(measure_roll(roll, {.drum_shifts = 1}).drum_pattern.value() ==
          doctest::Approx((100.0 + 0.0 + 100.0 * 1.3 / 3) / 3));
    CHECK(measure_roll(roll, {.drum_tolerance = 0.1}).drum_pattern.value() ==
          doctest::Approx((200.0 + 100.0 * 1.1 / 3) / 3));
    // A hit that lasts is one onset.
    PianoRoll held(paper_shape, paper_shape.steps());
    held.set_run(0, 10, 12, drums);
    CHECK(measure_roll(held).drum_pattern.value() == 100.0);
    CHECK_THROWS_AS(measure_roll(roll, {.drum_shifts = 7}), tensor::Error);
    CHECK_THROWS_AS(measure_roll(roll, {.drum_tolerance = NAN}), tensor::Error);
}

TEST_CASE("metrics: drum onsets on 8ths are counted on every grid") {
    for (const int steps : PhraseShape::grids) {
        CAPTURE(steps);
        const PhraseShape shape = paper_shape.on_grid(steps);
        PianoRoll roll(shape, shape.steps());
        roll.set(0, 12, drums);
        roll.set(steps / 2, 12, drums);
        roll.set(steps / 2, 18, drums);                          // a second drum on the same 8th
        roll.set(steps / 4, 18, drums);                          // a 16th
        roll.set(shape.steps_per_bar() + steps - 1, 18, drums);  // the last step of a beat in bar 1
        roll.set(shape.steps_per_bar() + 1, 0, bass);            // no drum
        const Mean on_eighths = measure_roll(roll).drums_on_eighths;
        CHECK(on_eighths.count == 5);
        CHECK(on_eighths.value() == 60.0);
    }
}

TEST_CASE("metrics: TD is a mean over the beats in which both tracks sound") {
    PianoRoll roll(paper_shape, paper_shape.steps());
    roll.set_run(0, 24, 0, bass);      // C in beat 0
    roll.set_run(24, 48, 7, bass);     // G in beat 1
    roll.set_run(0, 12, 16, guitar);   // E in beat 0
    roll.set_run(30, 40, 19, guitar);  // G in beat 1
    roll.set_run(48, 60, 19, guitar);  // alone in beat 2
    const Metrics metrics = measure_roll(roll);
    CHECK(metrics.tonal_distance[0].count == 2);
    CHECK(metrics.tonal_distance[0].value() == doctest::Approx(1.936492 / 2).epsilon(1e-6));
    CHECK(metrics.tonal_distance[1].count == 0);
    CHECK(metrics_table(metrics).find("B-G     0.97") != std::string::npos);
}

TEST_CASE("metrics: many phrases give the sums of each alone") {
    PianoRoll a(paper_shape, paper_shape.steps()), b = a;
    a.set_run(0, 10, 5, bass);
    b.set_run(0, 2, 5, bass);
    b.set_run(100, 140, 9, bass);
    PackedPhrases phrases;
    for (int k = 0; k < 200; ++k) {
        const PianoRoll& roll = k % 4 == 0 ? a : b;
        phrases.append(roll.bits());
    }
    const Metrics metrics = measure(phrases);
    CHECK(metrics.phrases == 200);
    CHECK(metrics.tracks[bass].polyphony.count == 50 * 10 + 150 * 42);
    CHECK(metrics.distance.count == 150 * 149 / 2);
    CHECK(metrics.tracks[bass].qualified_notes.count == 50 + 300);
    CHECK(metrics.tracks[bass].qualified_notes.value() == doctest::Approx(100.0 * 200 / 350));
    CHECK(metrics.tracks[bass].empty_bars.value() == doctest::Approx(100.0 * (50 * 3 + 150 * 2) / 800));
}

TEST_CASE("metrics: phrases are the groups of the standard error") {
    PackedPhrases phrases{paper_shape.on_grid(4)};
    for (const int notes : {1, 4, 2}) {  // bars that are not empty
        PianoRoll roll(phrases.shape, phrases.shape.steps());
        for (int bar = 0; bar < notes; ++bar) roll.set(16 * bar, bar == 0 ? 1 : 0, bass);
        phrases.append(roll.bits());
    }
    const TrackMetrics track = measure(phrases).tracks[bass];
    // 5 of 12 bars are empty: 300, 0 and 200 % of 4 bars each, against 500 / 3.
    CHECK(track.empty_bars.groups == 3);
    CHECK(track.empty_bars.value() == 500.0 / 12);
    CHECK(track.empty_bars.error() ==
          doctest::Approx(std::sqrt(1.5 * (400.0 * 400 + 500.0 * 500 + 100.0 * 100) / 9) / 12).epsilon(1e-14));
    // Of 7 notes 4 are in C major: 0 of 1, 3 of 4, 1 of 2, against 4/7 of each.
    CHECK(track.in_scale.value() == doctest::Approx(400.0 / 7).epsilon(1e-15));
    CHECK(track.in_scale.error() ==
          doctest::Approx(100 * std::sqrt(1.5 * (4.0 * 4 + 5.0 * 5 + 1.0 * 1) / 49) / 7).epsilon(1e-14));
    // A guitar that never plays has nothing to measure in any phrase.
    CHECK(measure(phrases).tracks[guitar].pitch.groups == 0);
    CHECK(std::isnan(measure(phrases).tracks[guitar].pitch.error()));
}

TEST_CASE(
    "metrics: the same bits for any number of threads, of more phrases than one group and of those made on demand") {
    PackedPhrases phrases{{.bars = 1, .lowest_pitch = 36, .pitches = 24}};
    for (std::uint64_t k = 0; k < 200; ++k)
        phrases.append(support::random_roll(300 + k, 1, k % 40, phrases.shape).bits());
    const auto check_equal = [](const Metrics& a, const Metrics& b) {
        for (const Metric& metric : metric_list()) {
            CAPTURE(metric.key);
            CHECK(metric.mean(a).sum == metric.mean(b).sum);
            CHECK(metric.mean(a).count == metric.mean(b).count);
            if (metric.mean(a).groups > 1) CHECK(metric.mean(a).error() == metric.mean(b).error());
        }
        for (std::size_t track = 0; track < n_tracks; ++track) {
            CHECK(a.tracks[track].lengths.counts == b.tracks[track].lengths.counts);
            CHECK(a.tracks[track].pitches_of_notes.counts == b.tracks[track].pitches_of_notes.counts);
            CHECK(a.tracks[track].densities.counts == b.tracks[track].densities.counts);
        }
    };
    for (const MetricOptions& options : {MetricOptions{}, {2, 0.1, 1, ChromaFold::as_released}}) {
        const Metrics one = support::with_threads(1, [&] { return measure(phrases, options); });
        const Metrics reduced = support::with_threads(1, [&] { return measure(reduce(phrases.view(), 12), options); });
        CHECK(one.tonal_distance[0].count > 0);
        for (const int threads : {1, 2, 3}) {
            CAPTURE(threads);
            check_equal(support::with_threads(threads, [&] { return measure(phrases, options); }), one);
            check_equal(support::with_threads(threads, [&] { return measure(on_grid(phrases, 12), options); }),
                        reduced);
        }
    }
}

TEST_CASE("metrics: on a coarser grid notes are measured in 24ths of a beat, and what says nothing is not said") {
    const auto with_note = [](int steps_per_beat, std::int64_t length) {
        const PhraseShape shape = paper_shape.on_grid(steps_per_beat);
        PianoRoll roll(shape, shape.steps());
        roll.set_run(0, length, 12, piano);
        roll.set(1, 12, drums);
        return measure_roll(roll);
    };
    // One step of 12 or 8 per beat is a note of 2 or 3 24ths, of which the last is the rest: 1 or 2 cells, too short.
    CHECK(with_note(12, 1).tracks[piano].qualified_notes.value() == 0.0);
    CHECK(with_note(12, 2).tracks[piano].qualified_notes.value() == 100.0);
    CHECK(with_note(8, 1).tracks[piano].qualified_notes.value() == 0.0);
    CHECK(with_note(8, 2).tracks[piano].qualified_notes.value() == 100.0);
    CHECK(with_note(4, 1).tracks[piano].qualified_notes.count == 0);
    CHECK(with_note(4, 1).drum_pattern.count == 0);
    CHECK(with_note(12, 1).drum_pattern.count == 1);
    CHECK(with_note(4, 1).tracks[piano].notes_per_bar.value() == 0.25);
    CHECK(metrics_table(with_note(4, 1)).find("nan") == std::string::npos);
}

TEST_CASE("metrics: notes, empty bars, QN and DP of a roll are those of its expansion to the finest grid") {
    for (const int steps : {8, 12}) {
        CAPTURE(steps);
        const PianoRoll roll = support::random_roll(7, 4, 30, paper_shape.on_grid(steps));
        const Metrics coarse = measure_roll(roll), fine = measure_roll(expand(roll));
        for (std::size_t track = 0; track < n_tracks; ++track) {
            const TrackMetrics &a = coarse.tracks[track], &b = fine.tracks[track];
            CHECK(a.notes_per_bar.value() == b.notes_per_bar.value());
            CHECK(a.empty_bars.value() == b.empty_bars.value());
            CHECK(a.pitch_classes.value() == b.pitch_classes.value());
            CHECK(a.pitch.value() == b.pitch.value());
            if (!is_drums(static_cast<int>(track))) CHECK(a.qualified_notes.value() == b.qualified_notes.value());
        }
        CHECK(coarse.drum_pattern.value() == fine.drum_pattern.value());
    }
}

TEST_CASE("metrics: drum hits in a row are as many notes on a coarser grid") {
    const PhraseShape shape = paper_shape.on_grid(4);
    PianoRoll roll(shape, shape.steps());
    for (int step = 0; step < 16; ++step) roll.set(step, 18, drums);
    roll.set_run(0, 16, 18, guitar);
    const Metrics metrics = measure_roll(roll);
    CHECK(metrics.tracks[drums].notes_per_bar.value() == 4.0);
    CHECK(metrics.tracks[guitar].notes_per_bar.value() == 0.25);
}
