#include "musegan/music/generate.hpp"

#include <doctest/doctest.h>

#include "musegan/networks/streams.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

TEST_CASE("a phrase is a function of weights, seed and number, not of how many are made") {
    tensor::RandomStream random = stream_for(1, Stream::weights);
    const Model model(support::small_settings().model, random);
    for (const Binarize way : {Binarize::threshold, Binarize::bernoulli}) {
        const auto two = generate_phrases(model, {.phrases = 2, .seed = 9, .binarize = way});
        const auto five = generate_phrases(model, {.phrases = 5, .seed = 9, .binarize = way});
        REQUIRE(two.count() == 2);
        CHECK(std::ranges::equal(two.bits, five.view().first(2).bits()));
    }
    CHECK_THROWS_WITH_AS(generate_phrases(model, {.phrases = 0}), "[generate] phrases 0, expected 1 to 100000",
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
    CHECK(files.size() == 9);
    for (const auto& file : files) CHECK(std::filesystem::file_size(file) > 100);
    CHECK(files.back() == folder / "all.png");
    const PianoRoll second = roll_from_midi(io::read_midi(folder.path() / "phrase_002.mid")).roll;
    CHECK(support::resized(second, paper_shape.steps()) == two.roll(1));
    const auto written = support::read_text(folder / "phrase_002.npz");
    const auto expected = pypianoroll_npz(two.roll(1), {.name = "phrase_002"});
    CHECK(written == std::string(expected.begin(), expected.end()));
    const auto all = support::read_text(folder / "all.npz");
    const auto expected_all = pypianoroll_npz(join_phrases(two), {.name = "all"});
    CHECK(all == std::string(expected_all.begin(), expected_all.end()));
}

TEST_CASE("phrases are written without pypianoroll files where none are wanted") {
    support::TemporaryFolder folder;
    const PackedPhrases song = support::small_song();
    WriteOptions options;
    settings_of(options).find("pypianoroll")->set("no", "generate");
    CHECK(write_phrases(folder.path(), song.view().first(1), options).size() == 4);
    CHECK_FALSE(std::filesystem::exists(folder / "phrase_001.npz"));
    CHECK(folder.files() == 4);
}
