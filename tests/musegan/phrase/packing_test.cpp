#include "musegan/phrase/packing.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "musegan/phrase/midi_roll.hpp"
#include "tensor/error.hpp"
#include "tensor/packed_bits.hpp"
#include "tests/musegan/phrase/rolls.hpp"

using namespace musegan;
using support::random_phrases;

TEST_CASE("packing: what tensor::unpack_rows makes of packed phrases packs again, in time, pitch, track order") {
    const PackedPhrases phrases = random_phrases(3, 9);
    const std::vector<std::int64_t> indices{2, 0, 2};
    const tensor::Tensor batch =
        tensor::unpack_rows(tensor::Tensor::from(phrases.bits, {3, paper_shape.bytes()}), indices,
                            {3, paper_shape.steps(), paper_shape.pitches, n_tracks, 1});
    const std::vector<float> cells = batch.values<float>();
    std::size_t at = 0;
    std::int64_t wrong = 0;
    for (const std::int64_t index : indices) {
        const PianoRoll roll = phrases.view().roll(index);
        for (int step = 0; step < paper_shape.steps(); ++step)
            for (int pitch = 0; pitch < paper_shape.pitches; ++pitch)
                for (int track = 0; track < n_tracks; ++track)
                    wrong += cells[at++] != (roll.at(step, pitch, track) ? 1.0f : -1.0f);
    }
    CHECK(wrong == 0);
    const PackedPhrases again = pack_phrases(paper_shape, batch);
    CHECK(again == pack_phrases(paper_shape, std::span<const float>(cells)));
    CHECK(again == pack_phrases(paper_shape, batch.cast(tensor::DType::f64)));
    for (std::int64_t k = 0; k < 3; ++k) {
        CHECK(std::ranges::equal(again.view()[k], phrases.view()[indices[static_cast<std::size_t>(k)]]));
    }
}

TEST_CASE("packing: each cell is compared with the threshold, and nan is off") {
    std::vector<float> cells(static_cast<std::size_t>(paper_shape.cells()), -1.0f);
    cells[0] = 0.0f;
    cells[1] = 0.25f;
    cells[2] = std::nanf("");
    cells[8] = 1.0f;
    auto bits = pack_phrases(paper_shape, std::span<const float>(cells)).bits;
    CHECK(bits[0] == 0b010);
    CHECK(bits[1] == 1);
    bits = pack_phrases(paper_shape, std::span<const float>(cells), 0.5).bits;
    CHECK(bits[0] == 0);
    CHECK(bits[1] == 1);
    CHECK(pack_phrases(paper_shape, tensor::Tensor::from(cells, {1, 384, 84, 5, 1}), 0.5).bits == bits);
    CHECK_THROWS_AS(pack_phrases(paper_shape, std::span<const float>(cells).first(8)), tensor::Error);
    CHECK_THROWS_AS(pack_phrases(paper_shape, tensor::Tensor()), tensor::Error);
}

TEST_CASE("packing: phrases are joined with and without a gap") {
    PianoRoll a(paper_shape, paper_shape.steps()), b = a;
    a.set_run(380, 384, 40, index_of(Family::piano));
    b.set_run(0, 4, 40, index_of(Family::piano));
    PackedPhrases phrases;
    phrases.append(a.bits());
    phrases.append(b.bits());
    const PianoRoll close = join_phrases(phrases);
    CHECK(close.steps() == 768);
    CHECK(note_runs(close) == std::vector<Run>{{380, 388, 40, index_of(Family::piano)}});
    CHECK(support::resized(roll_from_midi(midi_from_roll(close)).roll, 768) == close);
    const PianoRoll apart = join_phrases(phrases, 1);
    CHECK(apart.steps() == 864);
    CHECK(note_runs(apart) ==
          std::vector<Run>{{380, 384, 40, index_of(Family::piano)}, {480, 484, 40, index_of(Family::piano)}});
    CHECK(phrases.count() == 2);
    CHECK(phrases.view().roll(1) == b);
    CHECK_THROWS_AS(phrases.view()[2], tensor::Error);
    CHECK_THROWS_AS(phrases.view()[-1], tensor::Error);
    CHECK(phrases.view().first(1).count() == 1);
    CHECK(phrases.view().first(9).count() == 2);
    CHECK(join_phrases(PackedPhrases{}).steps() == 0);
    CHECK_THROWS_WITH_AS(PhraseView(paper_shape, std::span(phrases.bits).first(3360)),
                         doctest::Contains("3360 bytes, expected a multiple of 20160"), tensor::Error);
    CHECK(PhraseView(paper_shape.on_grid(4), std::span(phrases.bits).first(3360)).count() == 1);
    CHECK_THROWS_AS(join_phrases(phrases, -1), tensor::Error);
}

TEST_CASE("packing: phrases spread evenly are the first of equal parts, and all of few") {
    const PackedPhrases phrases = random_phrases(7, 3);
    const auto chosen = [&](std::initializer_list<std::int64_t> indices) {
        PackedPhrases packed;
        for (const std::int64_t k : indices) packed.append(phrases.view()[k]);
        return packed;
    };
    CHECK(spread_phrases(phrases, 3) == chosen({0, 2, 4}));
    CHECK(spread_phrases(phrases, 6) == chosen({0, 1, 2, 3, 4, 5}));
    CHECK(spread_phrases(phrases, 1) == chosen({0}));
    CHECK(spread_phrases(phrases, 7) == phrases);
    CHECK(spread_phrases(phrases, 100) == phrases);
    CHECK(spread_phrases(phrases, 0).count() == 0);
    CHECK(spread_phrases(PackedPhrases{}, 5).count() == 0);
    CHECK_THROWS_AS(spread_phrases(phrases, -1), tensor::Error);
}
