#include "musegan/evaluation/copying.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <tuple>

#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/support/threads.hpp"

using namespace musegan;

namespace {

constexpr int bass = 0, drums = 1, guitar = 2, strings = 4;
const PhraseShape coarse = paper_shape.on_grid(4);

/// Track, step, pitch.
using Cell = std::tuple<int, std::int64_t, int>;
using Cells = std::vector<Cell>;

Cells cells_of(const PhraseView& phrases, std::int64_t k) {
    Cells cells;
    for_each_cell(phrases.shape(), phrases[k],
                  [&](std::int64_t step, int pitch, int track) { cells.emplace_back(track, step, pitch); });
    std::ranges::sort(cells);
    return cells;
}

/// Moving keeps the order.
Cells moved(Cells cells, int semitones) {
    for (auto& [track, step, pitch] : cells) pitch += track == drums ? 0 : semitones;
    return cells;
}

PackedPhrases packed(const Cells& cells, const PhraseShape& shape = coarse) {
    PianoRoll roll(shape, shape.steps());
    for (const auto& [track, step, pitch] : cells) roll.set(step, pitch, track);
    return {shape, {roll.bits().begin(), roll.bits().end()}};
}

/// A note: cells of one pitch from a step on.
Cells note(int track, int pitch, std::int64_t begin, std::int64_t steps) {
    Cells cells;
    for (std::int64_t step = begin; step < begin + steps; ++step) cells.emplace_back(track, step, pitch);
    return cells;
}
Cells operator+(Cells cells, const Cells& more) {
    cells.insert(cells.end(), more.begin(), more.end());
    return cells;
}

PackedPhrases packed(const std::vector<Cells>& phrases) {
    PackedPhrases all{coarse};
    for (const Cells& cells : phrases) all.append(packed(cells).bits);
    return all;
}

/// Of one phrase in some data.
NearestPhrase nearest(const Cells& phrase, const std::vector<Cells>& data) {
    const std::vector<NearestPhrase> all = nearest_phrases(packed(phrase), packed(data));
    REQUIRE(all.size() == 1);
    return all[0];
}

/// Cell by cell, every pair and every shift: those nearest to 0 first, of two the upward one.
std::vector<NearestPhrase> by_brute_force(const PackedPhrases& phrases, const PackedPhrases& data) {
    std::vector<NearestPhrase> all;
    for (std::int64_t i = 0; i < phrases.count(); ++i) {
        const Cells a = cells_of(phrases, i);
        NearestPhrase best;
        std::int64_t best_differing = 1, best_either = 1;
        for (std::int64_t j = 0; j < data.count(); ++j) {
            const Cells b = cells_of(data, j);
            for (int k = 0; k < 2 * data.shape.pitches - 1; ++k) {
                const int semitones = k % 2 == 1 ? (k + 1) / 2 : -k / 2;
                Cells either;
                std::ranges::set_union(a, moved(b, semitones), std::back_inserter(either));
                const std::int64_t on = std::ssize(either), both = std::ssize(a) + std::ssize(b) - on;
                const std::int64_t differing = on - both, of = std::max<std::int64_t>(1, on);
                if (best.phrase >= 0 && differing * best_either >= best_differing * of) continue;
                best = {j, semitones, static_cast<double>(differing) / static_cast<double>(of)};
                best_differing = differing;
                best_either = of;
            }
        }
        all.push_back(best);
    }
    return all;
}

/// Cells that are on with these probabilities / 1000, phrase by phrase in turn.
PackedPhrases random_phrases(std::uint64_t seed, std::uint64_t count, const std::vector<std::uint64_t>& densities,
                             const PhraseShape& shape) {
    PackedPhrases phrases{shape};
    for (std::uint64_t k = 0; k < count; ++k)
        phrases.append(
            support::random_roll(1000 * seed + k, shape.bars, densities[k % densities.size()], shape).bits());
    return phrases;
}

void check_by_brute_force(const PackedPhrases& phrases, const PackedPhrases& data) {
    const std::vector<NearestPhrase> expected = by_brute_force(phrases, data);
    for (const int threads : {1, 2, 3}) {
        CAPTURE(threads);
        const auto found = support::with_threads(threads, [&] { return nearest_phrases(phrases, data); });
        REQUIRE(found.size() == expected.size());
        for (std::size_t k = 0; k < found.size(); ++k) {
            CAPTURE(k);
            CHECK(found[k].phrase == expected[k].phrase);
            CHECK(found[k].semitones == expected[k].semitones);
            CHECK(found[k].distance == expected[k].distance);
        }
    }
}

}  // namespace

TEST_CASE("copying: random phrases, sparse, dense and silent, have the nearest that brute force finds") {
    const std::vector<std::uint64_t> densities{20, 0, 3, 100, 500, 1, 1000};
    for (const PhraseShape& shape :
         {PhraseShape{.bars = 1, .steps_per_beat = 4, .lowest_pitch = 36, .pitches = 12},   // part of a word
          PhraseShape{.bars = 1, .steps_per_beat = 8, .lowest_pitch = 24, .pitches = 36},   // half a word
          PhraseShape{.bars = 2, .steps_per_beat = 12, .lowest_pitch = 24, .pitches = 12},  // two words, the last half
          PhraseShape{.bars = 1, .steps_per_beat = 24, .lowest_pitch = 0, .pitches = 24},   // a word and a half
          PhraseShape{
              .bars = 9, .steps_per_beat = 4, .lowest_pitch = 48, .pitches = 12}}) {  // three words, the last 16 steps
        CAPTURE(shape.to_string());
        check_by_brute_force(random_phrases(1, 9, densities, shape), random_phrases(2, 30, densities, shape));
    }
}

TEST_CASE("copying: so have phrases of the paper's pitches on every grid") {
    for (const int steps_per_beat : PhraseShape::grids) {
        const PhraseShape shape = paper_shape.on_grid(steps_per_beat);
        CAPTURE(steps_per_beat);
        check_by_brute_force(random_phrases(3, 4, {3, 20, 0, 1}, shape), random_phrases(4, 9, {3, 0, 20, 1, 2}, shape));
    }
    const PhraseShape most{.bars = 1, .steps_per_beat = 4, .lowest_pitch = 0, .pitches = 120};
    check_by_brute_force(random_phrases(5, 4, {3, 20, 0, 1}, most), random_phrases(6, 9, {3, 0, 20, 1}, most));
}

TEST_CASE("copying: so have many phrases of few cells, of which several are at the least distance") {
    const PhraseShape shape{.bars = 1, .steps_per_beat = 4, .lowest_pitch = 36, .pitches = 12};
    check_by_brute_force(random_phrases(7, 20, {2, 4, 1, 8}, shape), random_phrases(8, 700, {1, 2, 4, 3}, shape));
}

TEST_CASE("copying: a phrase of the data in another key is found, with its number and the semitones") {
    for (const int steps_per_beat : PhraseShape::grids) {
        const PhraseShape shape = paper_shape.on_grid(steps_per_beat);
        // Pitches 30 to 49 of 84.
        std::vector<Cells> phrases;
        PackedPhrases data{shape}, changed{shape};
        for (std::uint64_t k = 0; k < 12; ++k) {
            tensor::RandomStream random{90 + k, 0, 0};
            Cells cells;
            for (int n = 0; n < 60; ++n)
                cells =
                    cells + note(static_cast<int>(random.below(5)), 30 + static_cast<int>(random.below(20)),
                                 static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(shape.steps()) - 4)),
                                 1 + static_cast<std::int64_t>(random.below(4)));
            phrases.push_back(cells);
            data.append(packed(cells, shape).bits);
        }
        const std::vector<int> shifts{0, 1, -1, 34, -30, 12, -7, 5, 33, -29, 2, -2};
        for (std::size_t k = 0; k < phrases.size(); ++k)
            changed.append(packed(moved(phrases[k], shifts[k]), shape).bits);
        const std::vector<NearestPhrase> found = nearest_phrases(changed, data);
        for (std::size_t k = 0; k < phrases.size(); ++k)
            CHECK(found[k] == NearestPhrase{static_cast<std::int64_t>(k), shifts[k], 0.0});
    }
}

TEST_CASE("copying: from one end of the pitches to the other") {
    CHECK(nearest(note(bass, 83, 0, 5), {note(bass, 0, 0, 5)}) == NearestPhrase{0, 83, 0.0});
    CHECK(nearest(note(bass, 0, 60, 4), {note(bass, 83, 60, 4)}) == NearestPhrase{0, -83, 0.0});
}

TEST_CASE("copying: cells that are moved out of the pitches count as cells that differ") {
    // 23 semitones higher 10 cells are in common, and the 2 of pitch 83 are out of all pitches.
    const Cells b = note(guitar, 60, 0, 10) + note(guitar, 83, 20, 2);
    CHECK(nearest(note(guitar, 83, 0, 10), {b}) == NearestPhrase{0, 23, 2.0 / 12});
    // If those 2 were left out, the first would be the same 23 semitones higher.
    const Cells other = note(guitar, 83, 0, 10) + note(guitar, 40, 50, 1);
    CHECK(nearest(note(guitar, 83, 0, 10), {b, other}) == NearestPhrase{1, 0, 1.0 / 11});
    const Cells low = note(strings, 30, 0, 10) + note(strings, 2, 20, 3);
    CHECK(nearest(note(strings, 0, 0, 10), {low}) == NearestPhrase{0, -30, 3.0 / 13});
}

TEST_CASE("copying: drums stay where they are, and all other tracks move together") {
    const Cells beat = note(drums, 12, 0, 1) + note(drums, 14, 8, 1) + note(drums, 13, 16, 1);
    const Cells tune = note(bass, 10, 0, 4) + note(strings, 40, 2, 4);
    CHECK(nearest(moved(tune, 3) + beat, {tune + beat}) == NearestPhrase{0, 3, 0.0});
    // Nothing moves drums, not even where nothing else sounds.
    const Cells higher = note(drums, 13, 0, 1) + note(drums, 15, 8, 1) + note(drums, 14, 16, 1);
    CHECK(nearest(higher, {beat}) == NearestPhrase{0, 0, 1.0});
    CHECK(nearest(higher + tune, {beat + tune}) == NearestPhrase{0, 0, 6.0 / 14});
    // One shift for all: the bass is in common, or the strings are.
    CHECK(nearest(note(bass, 15, 0, 4) + note(strings, 42, 2, 3), {note(bass, 10, 0, 4) + note(strings, 40, 2, 3)}) ==
          NearestPhrase{0, 5, 6.0 / 10});
    // A track is not another.
    CHECK(nearest(note(bass, 10, 0, 4), {note(guitar, 10, 0, 4)}) == NearestPhrase{0, 0, 1.0});
    CHECK(nearest(note(drums, 10, 0, 4), {note(guitar, 10, 0, 4)}) == NearestPhrase{0, 0, 1.0});
}

TEST_CASE("copying: the pitches of drums are compared one by one, whatever other drums sound") {
    Cells kit, other;
    for (int pitch = 0; pitch < 84; ++pitch) {
        if (pitch % 3 != 0) kit = kit + note(drums, pitch, pitch % 64, 1);
        if (pitch % 2 == 0) other = other + note(drums, pitch, pitch % 64, 1);
    }
    // 56 and 42 cells, 28 of them in common.
    CHECK(nearest(kit, {other}) == NearestPhrase{0, 0, 42.0 / 70});
}

TEST_CASE("copying: of several at the least distance the least number, the shift nearest to 0, the upward one") {
    const Cells tune = note(bass, 10, 0, 4) + note(strings, 40, 2, 4);
    CHECK(nearest(tune, {note(bass, 10, 0, 4), moved(tune, 5), tune, tune}) == NearestPhrase{1, -5, 0.0});
    // 1/3 and 2/6 are the same distance; 3/8 is not.
    const Cells two = note(bass, 10, 0, 2);
    CHECK(nearest(two, {note(bass, 10, 0, 8), note(bass, 10, 0, 3), note(bass, 10, 0, 3)}) ==
          NearestPhrase{1, 0, 1.0 / 3});
    const Cells four = note(bass, 10, 0, 4);
    CHECK(nearest(four, {note(bass, 10, 0, 6), note(bass, 20, 1, 3) + note(bass, 30, 0, 1), note(bass, 10, 0, 6)}) ==
          NearestPhrase{0, 0, 2.0 / 6});
    CHECK(nearest(note(bass, 10, 0, 1), {note(bass, 9, 0, 1) + note(bass, 11, 0, 1)}) == NearestPhrase{0, 1, 0.5});
    CHECK(nearest(note(bass, 10, 0, 1), {note(bass, 10, 0, 1) + note(bass, 11, 0, 1)}) == NearestPhrase{0, 0, 0.5});
    CHECK(nearest(note(bass, 10, 0, 1), {note(bass, 7, 0, 1) + note(bass, 12, 0, 1)}) == NearestPhrase{0, -2, 0.5});
    CHECK(nearest(note(bass, 10, 0, 1), {note(bass, 8, 0, 1) + note(bass, 13, 0, 1)}) == NearestPhrase{0, 2, 0.5});
}

TEST_CASE("copying: a silent phrase is the same as a silent one and has nothing in common with another") {
    const Cells silent, tune = note(bass, 10, 0, 4);
    CHECK(nearest(silent, {tune, silent, silent}) == NearestPhrase{1, 0, 0.0});
    CHECK(nearest(silent, {tune, tune}) == NearestPhrase{0, 0, 1.0});
    CHECK(nearest(tune, {silent, silent}) == NearestPhrase{0, 0, 1.0});
    CHECK(nearest(tune, {silent, note(bass, 10, 3, 1)}) == NearestPhrase{1, 0, 0.75});
    // Something in common with none of them: the first.
    CHECK(nearest(tune, {note(guitar, 3, 0, 4), silent, note(bass, 10, 4, 4)}) == NearestPhrase{0, 0, 1.0});
}

TEST_CASE("copying: no phrases, no data, and phrases of another shape") {
    const PackedPhrases none{coarse}, some = packed(note(bass, 10, 0, 4) + note(drums, 3, 3, 1));
    CHECK(nearest_phrases(none, some).empty());
    CHECK(nearest_phrases(none, none).empty());
    CHECK(nearest_phrases(some, none) == std::vector{NearestPhrase{-1, 0, 1.0}});
    CHECK(nearest_phrases(packed(Cells{}), none) == std::vector{NearestPhrase{-1, 0, 1.0}});
    CHECK_THROWS_WITH_AS(
        nearest_phrases(some, PackedPhrases{}),
        "[nearest_phrases] phrases of 4 bars, 4 steps per beat, pitches 24 to 107, "
        "bass,drums,guitar,piano,strings, expected the shape of the data's, 4 bars, 24 steps per beat, "
        "pitches 24 to 107, bass,drums,guitar,piano,strings",
        tensor::Error);
}

TEST_CASE("copying: progress is told by the calling thread, up to all phrases, each of which is read once") {
    const PhraseShape shape{.bars = 1, .steps_per_beat = 4, .lowest_pitch = 36, .pitches = 12};
    const PackedPhrases data = random_phrases(9, 1000, {20, 5}, shape), phrases = random_phrases(10, 3, {20}, shape);
    std::atomic<std::int64_t> reads = 0;
    const PhraseSequence counted(shape, data.count(), [&](std::int64_t k, std::vector<std::uint8_t>&) {
        ++reads;
        return data.view()[k];
    });
    for (const int threads : {1, 3}) {
        reads = 0;
        std::vector<std::int64_t> told;
        const std::thread::id here = std::this_thread::get_id();
        support::with_threads(threads, [&] {
            return nearest_phrases(phrases, counted, [&](std::int64_t done, std::int64_t all) {
                CHECK(std::this_thread::get_id() == here);
                CHECK(all == 1000);
                told.push_back(done);
            });
        });
        CHECK(reads == 1000);
        REQUIRE(told.size() > 1);
        CHECK(std::ranges::is_sorted(told, std::less_equal()));
        CHECK(told.back() == 1000);
        reads = 0;
        const auto stop = [](std::int64_t, std::int64_t) { throw std::runtime_error("enough"); };
        support::with_threads(threads, [&] {
            CHECK_THROWS_WITH_AS(nearest_phrases(phrases, counted, stop), "enough", std::runtime_error);
            return 0;
        });
        CHECK(reads == told.front());
    }
}

TEST_CASE("copying: a phrase that cannot be read ends the work") {
    const PackedPhrases phrase = packed(note(bass, 10, 0, 4));
    const PhraseSequence broken(coarse, 500, [&](std::int64_t k, std::vector<std::uint8_t>&) {
        if (k == 400) throw std::runtime_error("no phrase 400");
        return phrase.view()[0];
    });
    CHECK_THROWS_WITH_AS(nearest_phrases(phrase, broken), "no phrase 400", std::runtime_error);
    CHECK_THROWS_WITH_AS(nearest_phrases(broken, phrase), "no phrase 400", std::runtime_error);
}

TEST_CASE("copying: the share that is almost the same, the middle of the distances, and the nearest first") {
    Copying copying;
    CHECK(std::isnan(copying.share()));
    CHECK(std::isnan(copying.median()));
    CHECK(copying.nearest_first(3).empty());
    for (const double distance : {0.5, 0.1, 0.75, 0.0, 0.5}) {
        copying.phrases.push_back(10 * std::ssize(copying.phrases));
        copying.nearest.push_back({7, 0, distance});
    }
    CHECK(copying.share() == 20.0);  // 0.1 is not below 0.1
    copying.almost_same = 0.5;
    CHECK(copying.share() == 40.0);
    CHECK(copying.median() == 0.5);
    CHECK(copying.nearest_first(9) == std::vector<std::size_t>{3, 1, 0, 4, 2});
    CHECK(copying.nearest_first(2) == std::vector<std::size_t>{3, 1});
    CHECK(copying.nearest_first(0).empty());
    copying.nearest.erase(copying.nearest.begin());
    copying.phrases.erase(copying.phrases.begin());
    CHECK(copying.median() == (0.1 + 0.5) / 2);
    copying.nearest = {{0, 0, 0.25}};
    copying.phrases = {4};
    CHECK(copying.median() == 0.25);
    CHECK(copying.share() == 100.0);
}
