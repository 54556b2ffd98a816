#include "musegan/phrase/phrase_sequence.hpp"

#include <doctest/doctest.h>

#include "musegan/phrase/grid.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/support/threads.hpp"

using namespace musegan;

namespace {

constexpr PhraseShape tiny{.bars = 1, .steps_per_beat = 4, .lowest_pitch = 36, .pitches = 12};

/// Random phrases that music could be: few cells, so that notes end.
PackedPhrases sparse_phrases(const PhraseShape& shape, std::uint64_t count) {
    PackedPhrases phrases{shape};
    for (std::uint64_t k = 0; k < count; ++k)
        phrases.append(support::random_roll(70 + k, shape.bars, 30, shape).bits());
    return phrases;
}

}  // namespace

TEST_CASE("phrase sequence: of a view it has its phrases, without a copy") {
    const PackedPhrases phrases = support::random_phrases(5, 1, tiny);
    const PhraseSequence sequence = phrases;
    CHECK(sequence.shape() == tiny);
    CHECK(sequence.count() == 5);
    CHECK(sequence.collect() == phrases);
    std::vector<std::uint8_t> room;
    CHECK(sequence.read(3, room).data() == phrases.view()[3].data());
    CHECK(PhraseSequence(PackedPhrases{tiny}).collect() == PackedPhrases{tiny});
}

TEST_CASE("phrase sequence: spread has the phrases of spread_phrases") {
    const PackedPhrases phrases = support::random_phrases(23, 2, tiny);
    for (const std::int64_t most : {0, 1, 2, 5, 7, 22, 23, 24, 1000}) {
        CAPTURE(most);
        CHECK(spread(phrases, most).collect() == spread_phrases(phrases, most));
    }
    CHECK(spread(PackedPhrases{tiny}, 5).count() == 0);
    // Of what is spread already, again.
    CHECK(spread(spread(phrases, 10), 3).collect() == spread_phrases(spread_phrases(phrases, 10), 3));
}

TEST_CASE("phrase sequence: on another grid phrases of the finest are those of reduce") {
    const PackedPhrases finest = sparse_phrases(paper_shape, 3);
    for (const int steps_per_beat : PhraseShape::grids) {
        CAPTURE(steps_per_beat);
        const PhraseSequence other = on_grid(finest, steps_per_beat);
        CHECK(other.shape() == paper_shape.on_grid(steps_per_beat));
        CHECK(other.collect() == reduce(finest.view(), steps_per_beat));
    }
}

TEST_CASE("phrase sequence: on a grid that divides theirs, others are expanded and reduced") {
    for (const auto& grids : {std::pair{8, 4}, {12, 4}, {8, 8}, {4, 4}}) {
        const int from = grids.first, to = grids.second;
        CAPTURE(from);
        CAPTURE(to);
        const PackedPhrases phrases = sparse_phrases(paper_shape.on_grid(from), 3);
        const PackedPhrases other = on_grid(phrases, to).collect();
        REQUIRE(other.count() == 3);
        for (std::int64_t k = 0; k < 3; ++k) CHECK(other.view().roll(k) == reduce(expand(phrases.view().roll(k)), to));
        if (from == to) CHECK(other == phrases);
    }
}

TEST_CASE("phrase sequence: what is made on demand is the same for any number of threads") {
    const PackedPhrases finest = sparse_phrases({.bars = 1, .lowest_pitch = 36, .pitches = 12}, 150);
    const PackedPhrases expected = reduce(finest.view(), 8);
    for (const int threads : {1, 2, 3}) {
        CAPTURE(threads);
        CHECK(support::with_threads(threads, [&] { return on_grid(finest, 8).collect(); }) == expected);
    }
}

TEST_CASE("phrase sequence: no phrase, no number and no grid that there is not") {
    const PackedPhrases phrases = support::random_phrases(4, 3, paper_shape.on_grid(8));
    const PhraseSequence sequence = phrases;
    std::vector<std::uint8_t> room;
    CHECK_THROWS_WITH_AS(sequence.read(4, room), "[phrases] phrase 4, expected 0 to 3", tensor::Error);
    CHECK_THROWS_AS(sequence.read(-1, room), tensor::Error);
    CHECK_THROWS_WITH_AS(spread(sequence, -1), "[spread] -1 phrases, expected 0 or more", tensor::Error);
    CHECK_THROWS_WITH_AS(on_grid(sequence, 12),
                         "[grid] 12 steps per beat of phrases on 8, expected a grid that divides theirs",
                         tensor::Error);
    CHECK_THROWS_AS(on_grid(sequence, 24), tensor::Error);
    CHECK_THROWS_AS(on_grid(sequence, 6), tensor::Error);
    CHECK_THROWS_AS(on_grid(sequence, 0), tensor::Error);
    const auto read = [](std::int64_t, std::vector<std::uint8_t>& room_) {
        return std::span<const std::uint8_t>(room_);
    };
    CHECK_THROWS_WITH_AS(PhraseSequence(tiny, -1, read), "[phrases] -1 phrases, expected 0 or more", tensor::Error);
    CHECK_THROWS_AS(PhraseSequence(PhraseShape{.bars = 0}, 1, read), tensor::Error);
}
