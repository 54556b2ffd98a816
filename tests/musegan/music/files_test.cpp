#include "musegan/music/files.hpp"

#include <doctest/doctest.h>

#include "io/file.hpp"
#include "musegan/figures/figures.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "musegan/phrase/tempo_map.hpp"
#include "musegan/sound/wav_of_midi.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/png.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/sound.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

namespace {

std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

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

TEST_CASE("phrases and songs have WAV files as long as their MIDI files, where they are wanted") {
    FileOptions wav;
    settings_of(wav).find("wav")->set("yes", "generate");
    CHECK(phrase_files(1, wav) == std::vector<std::string>{"phrase_001.mid", "phrase_001.npz", "phrase_001.wav",
                                                           "phrase_001.png", "all.mid", "all.npz", "all.wav",
                                                           "all.png"});
    if (const std::string reason = support::no_sound(); !reason.empty()) SKIP_TEST(reason);
    support::TemporaryFolder folder;
    const PackedPhrases song = support::small_song();
    const auto files = write_phrases(folder.path(), song.view().first(2), {.tempo = 200, .beside = wav});
    CHECK(files.size() == 12);
    write_song(folder.path(), "song", song.view().roll(0), {{0, 400000}, {960, 300000}}, wav);
    for (const char* name : {"phrase_001", "phrase_002", "all", "song"}) {
        const support::Wav sound = support::read_wav(folder / (std::string(name) + ".wav"));
        CHECK(sound.frames() == wav_frames(io::read_midi(folder / (std::string(name) + ".mid"))));
        CHECK(sound.peak() == doctest::Approx(wav_peak).epsilon(1e-4));
    }
    // Whoever counts files may end the work in the midst of one.
    support::TemporaryFolder cut;
    std::int64_t calls = 0;
    CHECK_THROWS_WITH_AS(write_phrases(cut / "new", song.view().first(1), {.beside = wav}, {},
                                       [&](std::int64_t done, std::int64_t) {
                                           if (done == 2 && ++calls == 3) tensor::fail("test", "enough");
                                       }),
                         "[test] enough", tensor::Error);
    CHECK(std::filesystem::exists(cut / "new/phrase_001.npz"));
    CHECK_FALSE(std::filesystem::exists(cut / "new/phrase_001.wav"));
}

TEST_CASE("the files of phrases are known beforehand, and whoever counts them may end the writing") {
    support::TemporaryFolder folder;
    const PackedPhrases song = support::small_song();
    const PhraseView two = song.view().first(2);
    std::vector<std::string> written;
    std::int64_t last = 0;
    for (const auto& file : write_phrases(folder / "all", two, {}, {}, [&](std::int64_t done, std::int64_t total) {
             CHECK((done == last || done == last + 1));
             CHECK(total == 9);
             last = done;
         }))
        written.push_back(file.filename());
    CHECK(last == 9);
    CHECK(written == phrase_files(2, {}));
    // In the middle of the picture of all, after its MIDI file.
    CHECK_THROWS_WITH_AS(write_phrases(folder / "cut", two, {}, {},
                                       [&](std::int64_t done, std::int64_t total) {
                                           if (done == total - 1) tensor::fail("test", "enough");
                                       }),
                         "[test] enough", tensor::Error);
    CHECK(std::filesystem::exists(folder / "cut/all.npz"));
    CHECK_FALSE(std::filesystem::exists(folder / "cut/all.png"));
    CHECK(std::distance(std::filesystem::directory_iterator(folder / "cut"), {}) == 8);
}

TEST_CASE("phrases are written under the names of a sheet") {
    support::TemporaryFolder folder;
    const PackedPhrases song = support::small_song();
    const PhraseView three = song.view().first(3);
    const PhraseSheet sheet{.names = {"a", "b", "c"}, .captions = {"t = 0", "t = 0.5", "t = 1"}, .columns = 3};
    const auto files = write_phrases(folder.path(), three, {.tempo = 90, .beside = {.pypianoroll = false}}, sheet);
    CHECK(files == std::vector<std::filesystem::path>{folder / "a.mid", folder / "a.png", folder / "b.mid",
                                                      folder / "b.png", folder / "c.mid", folder / "c.png",
                                                      folder / "all.mid", folder / "all.png"});
    CHECK(io::read_midi(folder / "b.mid").tempos == std::vector<io::MidiTempo>{{0, 666667}});
    CHECK(support::read_text(folder / "all.png") ==
          text_of(grid_figure(three, 3, Layout::stacked, sheet.captions).png()));
    CHECK_THROWS_WITH_AS(write_phrases(folder.path(), three, {}, {.names = {"a", "b"}}),
                         "[write_phrases] 2 names for 3 phrases, expected one each", tensor::Error);
    CHECK_THROWS_WITH_AS(write_phrases(folder.path(), three, {}, {.captions = {"a"}}),
                         "[write_phrases] 1 captions for 3 phrases, expected one each", tensor::Error);
    CHECK_THROWS_WITH_AS(write_phrases(folder.path(), three, {.tempo = 3}),
                         "[write_phrases] tempo 3, expected 4 to 1000", tensor::Error);
}

TEST_CASE("a song is written with its tempos, and as much of it as a picture holds") {
    support::TemporaryFolder folder;
    const std::vector<io::MidiTempo> tempos{{0, 500000}, {960, 250000}};
    const PianoRoll roll = support::random_roll(4, 200, 1);
    const auto files = write_song(folder.path(), "song", roll, tempos);
    REQUIRE(files.size() == 3);
    CHECK(io::read_midi(files[0]).tempos == tempos);
    const auto npz = pypianoroll_npz(roll, {.name = "song", .tempos = tempos_of_steps(tempos, roll)});
    CHECK(support::read_text(files[1]) == text_of(npz));
    CHECK(bars_in_figure(roll) == 169);  // of 192 pixels in 32,767, less 256 for the margins
    CHECK(bars_in_figure(PianoRoll(paper_shape, 97)) == 2);
    const auto pixels = support::decode_png(io::read_file(files[2], 1 << 24));
    CHECK(pixels.width == tracks_figure(support::resized(roll, 169 * 96), {.title = "song"}).width());
    CHECK(write_song(folder.path(), "less", roll, tempos, {FigureFormat::svg, false}) ==
          std::vector<std::filesystem::path>{folder / "less.mid", folder / "less.svg"});
}

TEST_CASE("a name that is not UTF-8 stays the name of the files") {
    support::TemporaryFolder folder;
    const std::string name = "caf\xe9";
    const PianoRoll roll = support::random_roll(4, 1, 5);
    const auto files = write_song(folder.path(), name, roll, {});
    for (const auto& file : files) CHECK(std::filesystem::exists(file));
    CHECK(files[1] == folder / (name + ".npz"));
    CHECK(support::read_text(files[1]) == text_of(pypianoroll_npz(roll, {.name = "caf?"})));
    CHECK(support::read_text(files[2]) == text_of(tracks_figure(roll, {.title = "caf?"}).png()));
}
