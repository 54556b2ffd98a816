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
    const std::vector<std::uint8_t> bits = random_phrases(3, 9);
    const std::vector<std::int64_t> indices{2, 0, 2};
    const tensor::Tensor batch = tensor::unpack_rows(tensor::Tensor::from(bits, {3, bytes_per_phrase}), indices,
                                                     {3, steps_per_phrase, n_pitches, n_tracks, 1});
    const std::vector<float> cells = batch.values<float>();
    std::size_t at = 0;
    std::int64_t wrong = 0;
    for (const std::int64_t index : indices) {
        const PianoRoll roll(steps_per_phrase, phrase_at(bits, index));
        for (int step = 0; step < steps_per_phrase; ++step)
            for (int pitch = 0; pitch < n_pitches; ++pitch)
                for (int track = 0; track < n_tracks; ++track)
                    wrong += cells[at++] != (roll.at(step, pitch, track) ? 1.0f : -1.0f);
    }
    CHECK(wrong == 0);
    const std::vector<std::uint8_t> again = pack_phrases(batch);
    CHECK(again == pack_phrases(std::span<const float>(cells)));
    CHECK(again == pack_phrases(batch.cast(tensor::DType::f64)));
    for (std::int64_t k = 0; k < 3; ++k) {
        const auto expected = phrase_at(bits, indices[static_cast<std::size_t>(k)]);
        const auto got = phrase_at(again, k);
        CHECK(std::equal(got.begin(), got.end(), expected.begin(), expected.end()));
    }
}

TEST_CASE("packing: each cell is compared with the threshold, and nan is off") {
    std::vector<float> cells(static_cast<std::size_t>(bits_per_phrase), -1.0f);
    cells[0] = 0.0f;
    cells[1] = 0.25f;
    cells[2] = std::nanf("");
    cells[8] = 1.0f;
    auto bits = pack_phrases(std::span<const float>(cells));
    CHECK(bits[0] == 0b010);
    CHECK(bits[1] == 1);
    bits = pack_phrases(std::span<const float>(cells), 0.5);
    CHECK(bits[0] == 0);
    CHECK(bits[1] == 1);
    CHECK(pack_phrases(tensor::Tensor::from(cells, {1, 384, 84, 5, 1}), 0.5) == bits);
    CHECK_THROWS_AS(pack_phrases(std::span<const float>(cells).first(8)), tensor::Error);
    CHECK_THROWS_AS(pack_phrases(tensor::Tensor()), tensor::Error);
}

TEST_CASE("packing: phrases are joined with and without a gap") {
    PianoRoll a(steps_per_phrase), b(steps_per_phrase);
    a.set_run(380, 384, 40, index_of(Family::piano));
    b.set_run(0, 4, 40, index_of(Family::piano));
    std::vector<std::uint8_t> bits(a.bits().begin(), a.bits().end());
    bits.insert(bits.end(), b.bits().begin(), b.bits().end());
    const PianoRoll close = join_phrases(bits);
    CHECK(close.steps() == 768);
    CHECK(note_runs(close.bits()) == std::vector<Run>{{380, 388, 40, index_of(Family::piano)}});
    CHECK(support::resized(roll_from_midi(midi_from_roll(close)).roll, 768) == close);
    const PianoRoll apart = join_phrases(bits, 1);
    CHECK(apart.steps() == 864);
    CHECK(note_runs(apart.bits()) ==
          std::vector<Run>{{380, 384, 40, index_of(Family::piano)}, {480, 484, 40, index_of(Family::piano)}});
    CHECK(phrase_count(bits, "test") == 2);
    CHECK(PianoRoll(steps_per_phrase, phrase_at(bits, 1)) == b);
    CHECK_THROWS_AS(phrase_at(bits, 2), tensor::Error);
    CHECK_THROWS_AS(phrase_at(bits, -1), tensor::Error);
    CHECK(join_phrases({}).steps() == 0);
    CHECK_THROWS_AS(join_phrases(std::span(bits).first(100)), tensor::Error);
    CHECK_THROWS_AS(join_phrases(bits, -1), tensor::Error);
}
