// The nearest phrases, found by us and by a plain program with an array element per cell: tests/fixtures/copying.py,
// where a Python has NumPy.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sstream>

#include "io/midi.hpp"
#include "musegan/data/song.hpp"
#include "musegan/evaluation/copying.hpp"
#include "musegan/sources/midi_source.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/support/command.hpp"
#include "tests/support/python.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fs = std::filesystem;
using namespace musegan;

namespace {

/// Both programs round one quotient of the same whole numbers once, so nothing differs.
void check(const std::string& python, const PackedPhrases& phrases, const PackedPhrases& data) {
    const support::TemporaryFolder folder;
    support::write_text(folder / "phrases", {phrases.bits.begin(), phrases.bits.end()});
    support::write_text(folder / "data", {data.bits.begin(), data.bits.end()});
    const auto result = support::shell(fmt::format(
        "{} {} {} {} --bars {} --resolution {} --pitches {} 2>&1", python,
        support::quoted(MUSEGAN_SOURCE_DIR "/tests/fixtures/copying.py"), support::quoted(folder / "phrases"),
        support::quoted(folder / "data"), data.shape.bars, data.shape.steps_per_beat, data.shape.pitches));
    REQUIRE_MESSAGE(result.exit_code == 0, result.output);
    std::istringstream said(result.output);
    std::vector<NearestPhrase> theirs;
    for (NearestPhrase each; said >> each.phrase >> each.semitones >> each.distance;) theirs.push_back(each);
    const std::vector<NearestPhrase> ours = nearest_phrases(phrases, data);
    REQUIRE(ours.size() == theirs.size());
    for (std::size_t k = 0; k < ours.size(); ++k) {
        CHECK(ours[k].phrase == theirs[k].phrase);
        CHECK(ours[k].semitones == theirs[k].semitones);
        CHECK(ours[k].distance == theirs[k].distance);
    }
}

}  // namespace

TEST_CASE("copying: random phrases have the nearest of the program in NumPy on every grid") {
    const std::string python = support::python_with("numpy");
    if (python.empty()) SKIP_TEST(support::no_numpy);
    for (const int steps_per_beat : PhraseShape::grids) {
        CAPTURE(steps_per_beat);
        const PhraseShape shape = paper_shape.on_grid(steps_per_beat);
        check(python, support::phrases_of_densities(1, shape, {20, 1, 0, 100}),
              support::phrases_of_densities(2, shape, {50, 2, 1, 0, 10}));
        check(python, support::phrases_of_densities(3, shape, {20, 0}), PackedPhrases{shape});
    }
    const PhraseShape small{.bars = 1, .steps_per_beat = 8, .lowest_pitch = 36, .pitches = 24};
    check(python, support::phrases_of_densities(4, small, {2, 5, 10, 1, 300, 1000, 0}),
          support::phrases_of_densities(5, small, {3, 1, 4, 1, 5, 900, 2, 6, 500, 3, 5, 8, 9, 7, 0, 0}));
}

TEST_CASE("copying: phrases of real songs have the nearest of the program in NumPy on every grid") {
    const fs::path songs = support::shared_data("midi");
    if (songs.empty()) SKIP_TEST("no shared/data/midi beside the checkout");
    const std::string python = support::python_with("numpy");
    if (python.empty()) SKIP_TEST(support::no_numpy);
    // Phrases of four songs, each against those of three others and a few later ones of its own song.
    PackedPhrases phrases, data;
    for (int song = 0; song < 4; ++song) {
        const io::MidiFile midi = io::read_midi(songs / fmt::format("song_{:04}.mid", 62 + 119 * song));
        const PackedPhrases cut = cut_song(MidiSource(midi)).phrases;
        REQUIRE(cut.count() >= 4);
        phrases.append(cut.view()[0]);
        for (std::int64_t k = 1; k < 4; ++k) data.append(cut.view()[k * (cut.count() - 1) / 3]);
    }
    for (const int steps_per_beat : PhraseShape::grids) {
        CAPTURE(steps_per_beat);
        check(python, on_grid(phrases, steps_per_beat).collect(), on_grid(data, steps_per_beat).collect());
    }
}
