#include "musegan/music/generate.hpp"

#include <doctest/doctest.h>

#include "musegan/networks/streams.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

TEST_CASE("a phrase is a function of weights, seed and number, not of how many are made") {
    tensor::RandomStream random = stream_for(1, Stream::weights);
    const Generator generator(support::small_settings().model, random);
    for (const Binarize way : {Binarize::threshold, Binarize::bernoulli}) {
        const auto two = generate_phrases(generator, {.phrases = 2, .seed = 9, .binarize = way});
        const auto five = generate_phrases(generator, {.phrases = 5, .seed = 9, .binarize = way});
        REQUIRE(two.size() == 2 * bytes_per_phrase);
        CHECK(std::equal(two.begin(), two.end(), five.begin()));
    }
    CHECK_THROWS_AS(generate_phrases(generator, {.phrases = 0}), tensor::Error);
    CHECK_THROWS_AS(parse_binarize("sometimes"), tensor::Error);
}

TEST_CASE("written phrases read back as they were made") {
    support::TemporaryFolder folder;
    const std::vector<std::uint8_t> bits = support::small_bits();
    const auto two = std::span(bits).first(2 * bytes_per_phrase);
    const auto files = write_phrases(folder.path(), two);
    CHECK(files.size() == 6);
    const PianoRoll second = roll_from_midi(io::read_midi(folder.path() / "phrase_002.mid")).roll;
    CHECK(support::resized(second, steps_per_phrase) == PianoRoll(steps_per_phrase, two.subspan(bytes_per_phrase)));
}
