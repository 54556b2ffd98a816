#include "musegan/evaluation/shuffled_bars.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "musegan/evaluation/metrics.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/support/threads.hpp"

using namespace musegan;

namespace {

constexpr int bass = 0, guitar = 2;

/// Phrases that music could be, some silent.
PackedPhrases sparse_phrases(std::uint64_t count, const PhraseShape& shape) {
    PackedPhrases phrases{shape};
    for (std::uint64_t k = 0; k < count; ++k)
        phrases.append(support::random_roll(40 + k, shape.bars, k % 5 * 7, shape).bits());
    return phrases;
}

/// What one track plays in a bar: its notes as the bar alone has them, from the bar's first step on.
using Bar = std::vector<Run>;
bool before(const Run& a, const Run& b) {
    return std::tie(a.begin, a.pitch, a.end) < std::tie(b.begin, b.pitch, b.end);
}

/// The bars of one track, sorted, so that two sets of the same bars are equal.
std::vector<Bar> sorted_bars(const PackedPhrases& phrases, int track) {
    std::vector<Bar> bars;
    PhraseShape one_bar = phrases.shape;
    one_bar.bars = 1;
    const PhraseView all(one_bar, phrases.bits);
    for (std::int64_t k = 0; k < all.count(); ++k) {
        Bar bar = note_runs(one_bar, all[k]);
        std::erase_if(bar, [&](const Run& run) { return run.track != track; });
        std::ranges::sort(bar, before);
        bars.push_back(bar);
    }
    std::ranges::sort(bars,
                      [](const Bar& a, const Bar& b) { return std::ranges::lexicographical_compare(a, b, before); });
    return bars;
}

}  // namespace

TEST_CASE("shuffled bars: the bars of each track are those of before in another order, other for each track") {
    for (const int steps_per_beat : {4, 24}) {
        CAPTURE(steps_per_beat);
        const PackedPhrases phrases = sparse_phrases(30, paper_shape.on_grid(steps_per_beat));
        const PackedPhrases shuffled = shuffled_bars(phrases, 3).collect();
        CHECK(shuffled.shape == phrases.shape);
        REQUIRE(shuffled.count() == 30);
        for (int track = 0; track < n_tracks; ++track) {
            CAPTURE(track);
            CHECK(sorted_bars(shuffled, track) == sorted_bars(phrases, track));
        }
    }
    // One bar in three sounds, in all tracks. If tracks went together, they would still sound together.
    const PhraseShape tiny{.bars = 1, .steps_per_beat = 4, .lowest_pitch = 36, .pitches = 12};
    PackedPhrases together{tiny};
    for (int k = 0; k < 60; ++k) {
        PianoRoll roll(tiny, tiny.steps());
        for (int track = 0; k % 3 == 0 && track < n_tracks; ++track) roll.set(0, 0, track);
        together.append(roll.bits());
    }
    CHECK(measure(together).tonal_distance[0].count == 20);
    CHECK(measure(shuffled_bars(together, 1)).tonal_distance[0].count < 14);
}

TEST_CASE("shuffled bars: what a track does within a bar measures the same") {
    const PackedPhrases phrases = sparse_phrases(70, paper_shape);
    const Metrics from = measure(phrases), to = measure(shuffled_bars(phrases, 8));
    const auto check_exact = [](const Mean& a, const Mean& b) {
        CHECK(a.sum == b.sum);
        CHECK(a.count == b.count);
    };
    for (std::size_t track = 0; track < n_tracks; ++track) {
        CAPTURE(track);
        const TrackMetrics &a = from.tracks[track], &b = to.tracks[track];
        check_exact(a.empty_bars, b.empty_bars);
        check_exact(a.pitch_classes, b.pitch_classes);
        check_exact(a.pitches, b.pitches);
        check_exact(a.polyphony, b.polyphony);
        check_exact(a.monophony, b.monophony);
        CHECK(a.in_scale.count == b.in_scale.count);
        CHECK(a.in_scale.value() == doctest::Approx(b.in_scale.value()).epsilon(1e-13));
    }
    // A hit on the last step of a bar may meet one of the same drum on the first of the next: then they are one note.
    const PhraseShape coarse = paper_shape.on_grid(12);
    const PackedPhrases hits = sparse_phrases(70, coarse);
    const Metrics drums_from = measure(hits), drums_to = measure(shuffled_bars(hits, 8));
    check_exact(drums_from.drums_on_eighths, drums_to.drums_on_eighths);
    CHECK(drums_from.drum_pattern.count == drums_to.drum_pattern.count);
    CHECK(drums_from.drum_pattern.value() == doctest::Approx(drums_to.drum_pattern.value()).epsilon(1e-13));
    CHECK(drums_from.tracks[1].densities.counts == drums_to.tracks[1].densities.counts);
}

TEST_CASE("shuffled bars: the same for any number of threads and any order of reading, another for each seed") {
    const PackedPhrases phrases = sparse_phrases(150, paper_shape.on_grid(4));
    const PackedPhrases expected = shuffled_bars(phrases, 5).collect();
    for (const int threads : {1, 2, 3})
        CHECK(support::with_threads(threads, [&] { return shuffled_bars(phrases, 5).collect(); }) == expected);
    const PhraseSequence again = shuffled_bars(phrases, 5);
    std::vector<std::uint8_t> room;
    for (const std::int64_t k : {149, 0, 77, 0}) CHECK(std::ranges::equal(again.read(k, room), expected.view()[k]));
    CHECK(expected != phrases);
    CHECK(shuffled_bars(phrases, 6).collect() != expected);
}

TEST_CASE("shuffled bars: shuffled or put on another grid first, it is the same") {
    for (const auto& grids : {std::pair{24, 4}, {24, 8}, {12, 4}, {8, 4}}) {
        CAPTURE(grids.first);
        const PackedPhrases phrases = sparse_phrases(20, paper_shape.on_grid(grids.first));
        CHECK(on_grid(shuffled_bars(phrases, 2), grids.second).collect() ==
              shuffled_bars(on_grid(phrases, grids.second), 2).collect());
    }
}

TEST_CASE("shuffled bars: every order is as likely as any other") {
    const PhraseShape tiny{.bars = 1, .steps_per_beat = 4, .lowest_pitch = 36, .pitches = 12};
    PackedPhrases phrases{tiny};
    for (int pitch = 0; pitch < 3; ++pitch) {
        PianoRoll roll(tiny, tiny.steps());
        roll.set(0, pitch, bass);
        phrases.append(roll.bits());
    }
    std::map<std::vector<int>, int> orders;
    for (std::uint64_t seed = 0; seed < 600; ++seed) {
        std::vector<int> order;
        const PackedPhrases shuffled = shuffled_bars(phrases, seed).collect();
        for (std::int64_t k = 0; k < 3; ++k) order.push_back(note_runs(tiny, shuffled.view()[k]).at(0).pitch);
        ++orders[order];
    }
    REQUIRE(orders.size() == 6);
    double chi_square = 0;
    for (const auto& [order, count] : orders) chi_square += (count - 100.0) * (count - 100.0) / 100.0;
    CHECK(chi_square < 20.5);  // of five degrees of freedom: 1 in 1000 is above
}

TEST_CASE("shuffled bars: tonal distances of a set of two bars, computed by hand") {
    const PhraseShape shape{.bars = 1, .steps_per_beat = 4, .lowest_pitch = 36, .pitches = 12};
    PackedPhrases phrases{shape};
    for (const int pitch : {0, 6}) {  // both tracks hold C, then F sharp
        PianoRoll roll(shape, shape.steps());
        for (const int track : {bass, guitar}) roll.set_run(0, shape.steps(), pitch, track);
        phrases.append(roll.bits());
    }
    CHECK(measure(phrases).tonal_distance[0].value() == 0.0);
    // Either both tracks are in the same order, or C always meets F sharp.
    std::set<bool> met;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Mean distance = measure(shuffled_bars(phrases, seed)).tonal_distance[0];
        CHECK(distance.count == 8);
        met.insert(distance.value() == 0.0);
        if (distance.value() != 0.0) CHECK(distance.value() == doctest::Approx(std::sqrt(8.0)).epsilon(1e-14));
    }
    CHECK(met.size() == 2);
}

TEST_CASE("shuffled bars: one bar stays as it is, and no phrase is none") {
    const PhraseShape shape{.bars = 1, .steps_per_beat = 4, .lowest_pitch = 36, .pitches = 12};
    const PackedPhrases one = support::random_phrases(1, 4, shape);
    CHECK(shuffled_bars(one, 9).collect() == one);
    CHECK(shuffled_bars(PackedPhrases{shape}, 9).count() == 0);
    // Bars change places within a phrase, too.
    const PackedPhrases phrase = support::random_phrases(1, 4, paper_shape.on_grid(4));
    CHECK(shuffled_bars(phrase, 9).collect() != phrase);
}
