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
        REQUIRE(two.count() == 2);
        CHECK(std::ranges::equal(two.bits, five.view().first(2).bits()));
    }
    CHECK_THROWS_WITH_AS(generate_phrases(generator, {.phrases = 0}), "[generate] phrases 0, expected 1 to 100000",
                         tensor::Error);
    GenerateOptions options;
    CHECK_THROWS_WITH_AS(settings_of(options).find("binarize")->set("sometimes", "generate"),
                         "[generate] binarize is 'sometimes', expected threshold or bernoulli", tensor::Error);
}

TEST_CASE("written phrases read back as they were made") {
    support::TemporaryFolder folder;
    const PackedPhrases song = support::small_song();
    const PhraseView two = song.view().first(2);
    const auto files = write_phrases(folder.path(), two);
    CHECK(files.size() == 6);
    const PianoRoll second = roll_from_midi(io::read_midi(folder.path() / "phrase_002.mid")).roll;
    CHECK(support::resized(second, paper_shape.steps()) == two.roll(1));
}
