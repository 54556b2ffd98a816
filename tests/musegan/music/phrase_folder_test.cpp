// What generate and interpolate write, read back for a picture.
#include "musegan/music/phrase_folder.hpp"

#include <doctest/doctest.h>

#include "io/midi.hpp"
#include "musegan/music/files.hpp"
#include "musegan/music/interpolate.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

namespace {

/// Bars with one note of the bass, at that pitch, at the beginning of the last.
PianoRoll roll_of(int pitch, std::int64_t bars = 4) {
    PianoRoll roll(paper_shape, bars * paper_shape.steps_per_bar());
    roll.set_run((bars - 1) * paper_shape.steps_per_bar(), bars * paper_shape.steps_per_bar() - 1, pitch, 0);
    return roll;
}

void write_roll(const fs::path& path, const PianoRoll& roll) {
    if (path.extension() == ".npz") write_pypianoroll(path, roll);
    else io::write_midi(path, midi_from_roll(roll));
}

Texts names_in(const fs::path& folder) {
    Texts names;
    for (const fs::path& path : phrase_files_in(folder)) names.push_back(path.filename().string());
    return names;
}

}  // namespace

TEST_CASE("phrase folder: files come in the order of their numbers, without all.mid and what is no song") {
    const support::TemporaryFolder folder;
    for (const char* name : {"all.mid", "p10.mid", "p9.mid", "p09.MIDI", "a.mid", "b.npz", "notes.txt", "._p1.mid"})
        support::write_text(folder / name, "x");
    fs::create_directory(folder / "inner.mid");
    CHECK(names_in(folder.path()) == Texts{"a.mid", "p09.MIDI", "p9.mid", "p10.mid"});
    for (const char* name : {"p10.mid", "p9.mid", "p09.MIDI", "a.mid"}) fs::remove(folder / name);
    CHECK(names_in(folder.path()) == Texts{"all.mid"});
    fs::remove(folder / "all.mid");
    CHECK(names_in(folder.path()) == Texts{"b.npz"});
    fs::remove(folder / "b.npz");
    CHECK_THROWS_WITH_AS(phrase_files_in(folder.path()), doctest::Contains("holds no songs"), tensor::Error);
    CHECK_THROWS_WITH_AS(phrase_files_in(folder / "none"), doctest::Contains("cannot be listed"), tensor::Error);
}

TEST_CASE("phrase folder: what write_phrases wrote is read as it was, silent bars included") {
    const support::TemporaryFolder folder;
    PackedPhrases phrases;
    for (const int pitch : {5, 6, 7}) phrases.append(roll_of(pitch).bits());
    phrases.append(PianoRoll(paper_shape, paper_shape.steps()).bits());
    write_phrases(folder.path(), phrases);
    const PhraseFolder read = read_phrase_folder(folder.path(), 0, 64);
    CHECK(read.phrases == phrases);
    CHECK(read.captions == Texts{"phrase_001", "phrase_002", "phrase_003", "phrase_004"});
    CHECK_FALSE(read.columns);
    CHECK(read.notes.empty());
    const PhraseFolder two = read_phrase_folder(folder.path(), 1, 2);
    CHECK(two.captions == Texts{"phrase_002", "phrase_003"});
    CHECK(two.phrases.view().roll(1) == phrases.view().roll(2));
    CHECK_THROWS_WITH_AS(read_phrase_folder(folder.path(), 4, 2), doctest::Contains("no phrase 4, expected 0 to 3"),
                         tensor::Error);
}

TEST_CASE("phrase folder: an interpolation stands in its order with its captions, and what is missing is blank") {
    const support::TemporaryFolder folder;
    const PhraseSheet grid = sheet_of({.steps = 3, .grid = true});
    for (std::size_t k = 0; k < grid.names.size(); ++k)
        write_roll(folder / (grid.names[k] + ".mid"), roll_of(static_cast<int>(k) + 1));
    PhraseFolder read = read_phrase_folder(folder.path(), 0, 64);
    CHECK(read.captions == grid.captions);
    CHECK(read.columns == 3);
    for (int k = 0; k < 9; ++k) CHECK(read.phrases.view().roll(k) == roll_of(k + 1));
    fs::remove(folder / "point_2_1.mid");
    support::write_text(folder / "point_1_2.mid", "MThd is all there is");
    read = read_phrase_folder(folder.path(), 0, 64);
    CHECK(read.columns == 3);
    CHECK(read.captions[1] == grid.captions[1] + " (unreadable)");
    CHECK(read.captions[3] == grid.captions[3] + " (missing)");
    for (const int k : {1, 3}) CHECK(read.phrases.view().roll(k) == PianoRoll(paper_shape, paper_shape.steps()));
    CHECK(read.phrases.view().roll(8) == roll_of(9));
    REQUIRE(read.notes.size() == 2);
    CHECK(read.notes[0] == "left blank: 1 missing of 9");
    CHECK(
        support::contains_all(read.notes[1], {"left blank: 1 unreadable of 9, the first because: ", "point_1_2.mid"}));
}

TEST_CASE("phrase folder: a line of points is one, and a folder with another name in it is none") {
    const support::TemporaryFolder folder;
    const PhraseSheet line = sheet_of({.steps = 3});
    for (const std::string& name : line.names) write_roll(folder / (name + ".npz"), roll_of(3));
    CHECK(read_phrase_folder(folder.path(), 0, 64).captions == line.captions);
    CHECK_FALSE(read_phrase_folder(folder.path(), 0, 64).columns);
    for (const char* other :
         {"point_1_9999999.npz", "point_99_99.npz", "point_0_1x.npz", "points.npz", "point_1_1.npz"}) {
        CAPTURE(other);
        write_roll(folder / other, roll_of(3));
        const PhraseFolder read = read_phrase_folder(folder.path(), 0, 64);
        CHECK(read.captions.size() == 4);
        CHECK(read.captions != line.captions);
        CHECK(std::ranges::count(read.captions, "point_002") == 1);
        fs::remove(folder / other);
    }
}

TEST_CASE("phrase folder: phrases are as long as the longest, and longer ones are cut, which is said") {
    const support::TemporaryFolder folder;
    write_roll(folder / "a.mid", roll_of(5, 2));
    write_roll(folder / "b.mid", roll_of(5, 6));
    PhraseFolder read = read_phrase_folder(folder.path(), 0, 64);
    CHECK(read.phrases.shape.bars == 6);
    CHECK(note_runs(read.phrases.view().roll(0)) == note_runs(roll_of(5, 2)));
    CHECK(note_runs(read.phrases.view().roll(1)) == note_runs(roll_of(5, 6)));
    CHECK(read.notes.empty());
    write_roll(folder / "c.mid", roll_of(5, 20));
    read = read_phrase_folder(folder.path(), 0, 64);
    CHECK(read.phrases.shape.bars == 8);
    CHECK(read.notes == Texts{"the first 8 bars of 20 are drawn"});
}

TEST_CASE("phrase folder: names of strange bytes become text, and where no file can be read it is an error") {
    const support::TemporaryFolder folder;
    write_roll(folder / "a\xff\n.mid", roll_of(5));
    CHECK(read_phrase_folder(folder.path(), 0, 64).captions == Texts{"a??"});
    fs::remove(folder / "a\xff\n.mid");
    support::write_text(folder / "x.npz", "PK is no archive");
    CHECK_THROWS_WITH_AS(read_phrase_folder(folder.path(), 0, 64), doctest::Contains("no file of it can be read"),
                         tensor::Error);
}

TEST_CASE("phrase folder: bars of other meters are left out, and said") {
    const support::TemporaryFolder folder;
    PianoRoll roll = roll_of(5, 9);
    roll.set_run(0, 90, 7, 0);
    io::MidiFile midi = midi_from_roll(roll);
    midi.meters = {{0, 4, 4}, {4 * 1920, 3, 4}, {4 * 1920 + 1440, 4, 4}};
    io::write_midi(folder / "a.mid", midi);
    const ReadRoll read = read_roll(folder / "a.mid");
    CHECK(support::contains_all(read.note, {"left out: 1 bar without four quarters, the first 3/4 at tick 7680"}));
    CHECK(read.roll.steps() >= 4 * paper_shape.steps_per_bar());
    CHECK(read_roll(folder / "a.mid").roll.steps() > 0);
}
