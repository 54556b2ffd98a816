// What `musegan prepare` says of strange songs at its end, and `musegan info` of each.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "io/midi.hpp"
#include "musegan/data/synth.hpp"
#include "tests/support/compare.hpp"
#include "tests/tools/shell.hpp"

using support::check_failed;
using support::Outcome;
using support::quoted;

namespace {

/// Five songs: a good one, one with a bar of 2/4, one whose last track is cut short, one in 3/4, and no song.
void write_strange_songs(const support::TemporaryFolder& folder) {
    const auto write = [&](const std::string& name, const io::MidiFile& midi) {
        io::write_midi(folder / ("songs/" + name), midi);
    };
    std::filesystem::create_directories(folder / "songs");
    io::MidiFile song = musegan::synthesize_song(1, 0);
    const std::int64_t quarter = song.ticks_per_quarter;
    write("good.mid", song);
    song.meters = {{0, 4, 4}, {16 * quarter, 2, 4}, {18 * quarter, 4, 4}};
    write("half bar.mid", song);
    song.meters = {{0, 3, 4}};
    write("waltz.mid", song);
    std::string bytes = support::read_text(folder / "songs/good.mid");
    bytes.resize(bytes.size() - 30);
    support::write_text(folder / "songs/cut \x1b[31m.mid", bytes);
    support::write_text(folder / "songs/text.mid", "no music");
}

}  // namespace

TEST_CASE("prepare ends with what was dropped and what was mended, by kind, each with a file") {
    const support::TemporaryFolder folder;
    write_strange_songs(folder);
    const std::string command = "prepare " + quoted(folder / "songs") + " --out " + quoted(folder / "data");
    const Outcome prepared = tools_tests::musegan(command);
    CAPTURE(prepared.output);
    CHECK(prepared.exit_code == 0);
    CHECK(prepared.says("kept 3, malformed 1, meter 1"));
    CHECK(prepared.says("not kept                  files\n"));
    CHECK(prepared.says("  malformed                   1  no MThd header in the first 8 of 8 bytes"));
    CHECK(
        prepared.says("  meter                       1  3/4 at tick 0, expected four bars in a row of four quarters"));
    CHECK(prepared.says("mended or left out        files     parts\n"));
    CHECK(prepared.says("  truncated_chunks            1         1  chunks cut off by the end of the file (as in "));
    CHECK(prepared.says("songs/waltz.mid)"));
    CHECK_FALSE(prepared.says("\x1b"));
    const Outcome strict = tools_tests::musegan(command + " --strict-meter");
    CHECK(strict.says("kept 2, malformed 1, meter 2"));
    CHECK(strict.says("2/4 at tick 7680, expected 4/4 throughout"));
}

TEST_CASE("info says of a MIDI file what was mended, which tracks play, and what it gives as data") {
    const support::TemporaryFolder folder;
    write_strange_songs(folder);
    const auto info = [&](const std::string& name) {
        return tools_tests::musegan("info " + quoted(folder / ("songs/" + name)));
    };
    CHECK(info("good.mid").says(" 0 faults forgiven\n"));
    CHECK(info("good.mid").says("notes of drums  drums\n"));
    CHECK(info("good.mid").says("as data: kept; meter 4/4; "));
    CHECK(info("half bar.mid").says("meter 2/4;4/4, bars without four quarters: 1; "));
    CHECK(info("cut \x1b[31m.mid").says("  truncated_chunks          1  chunks cut off by the end of the file\n"));
    CHECK(info("waltz.mid").says("as data: meter: 3/4 at tick 0, expected four bars in a row of four quarters"));
    check_failed(info("text.mid"), 1, {"no MThd header"});
    // Many tracks take no longer than many notes.
    io::MidiFile many;
    many.notes.assign(3, {0, 480, 1, 0, 0, 60, 90});
    many.notes[1].track = 700;
    many.track_names.assign(701, "");
    io::write_midi(folder / "songs/many.mid", many);
    CHECK(info("many.mid")
              .says("  track   2       2 notes\n  track   3       1 notes\n  1 track without notes or a name\n"));
}
