// musegan segment as a user calls it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "io/midi.hpp"
#include "io/safetensors.hpp"
#include "musegan/data/song.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "musegan/sources/midi_source.hpp"
#include "tests/support/lines.hpp"
#include "tests/tools/shell.hpp"

using support::quoted;
using tools_tests::check_refused;
using tools_tests::check_usage_error;
using tools_tests::shell;

namespace fs = std::filesystem;

namespace {

/// Songs by rule: song_0001.mid and song_0002.mid.
class Songs {
  public:
    Songs() {
        REQUIRE(tools_tests::musegan("synth --songs 2 --seed 4 --out " + quoted(folder_.path())).exit_code == 0);
    }
    fs::path path(const std::string& name) const { return folder_ / name; }
    std::string in(const std::string& name) const { return quoted(path(name)); }

  private:
    support::TemporaryFolder folder_;
};

std::int64_t phrases_in(const fs::path& dataset) {
    const io::SafetensorsFile file = io::SafetensorsFile::open(dataset);
    for (const io::SafetensorsEntry& entry : file.entries()) {
        if (entry.name == "phrases") return entry.shape.at(0);
    }
    return -1;
}

}  // namespace

TEST_CASE("segment: a table of sections, and the phrases are those of prepare") {
    const Songs songs;
    for (const std::string way : {"sf", "sf-authors"}) {
        const support::Outcome outcome =
            tools_tests::musegan("segment " + songs.in("song_0001.mid") + " --segment " + way);
        CAPTURE(outcome.output);
        CHECK(outcome.exit_code == 0);
        const std::vector<std::string> lines = support::lines_of(outcome.output);
        REQUIRE(lines.size() > 3);
        CHECK(lines[0].find("song_0001.mid: ") != std::string::npos);
        CHECK(lines[0].ends_with(" sections by " + way));
        CHECK(lines[1] == "  section  first bar   bars  cut into phrases  phrases  usable");
        std::int64_t next = 0, usable = 0, cut = 0;
        for (std::size_t k = 2; k + 1 < lines.size(); ++k) {
            std::istringstream line(lines[k]);
            std::int64_t number = 0, first = 0, bars = 0;
            line >> number >> first >> bars;
            CHECK(number == static_cast<std::int64_t>(k) - 1);
            if (next > 0) CHECK(first == next);
            next = first + bars;
            line.str(lines[k].substr(lines[k].size() - 15));
            line.clear();
            std::int64_t phrases = 0, good = 0;
            line >> phrases >> good;
            cut += phrases;
            usable += good;
        }
        CHECK(lines.back().starts_with(fmt::format("as data: kept; {} phrases of {} windows, ", usable, cut)));
        const support::Outcome prepared = tools_tests::musegan("prepare " + songs.in("song_0001.mid") + " --segment " +
                                                               way + " --out " + songs.in(way));
        CHECK(prepared.exit_code == 0);
        CHECK(phrases_in(songs.path(way)) == usable);
    }
    // sf by itself; and all of the output goes to a pipe.
    CHECK(tools_tests::musegan("segment " + songs.in("song_0002.mid")).says(" sections by sf\n"));
}

TEST_CASE("segment: the picture is called as the song is, or as is said") {
    const Songs songs;
    const support::Outcome here =
        shell("cd " + quoted(songs.path("")) + " && \"$musegan\" segment song_0001.mid --png 2>&1 </dev/null");
    CAPTURE(here.output);
    CHECK(here.exit_code == 0);
    CHECK(here.output.ends_with("look at song_0001.segments.png\n"));
    CHECK(tools_tests::musegan("info " + songs.in("song_0001.segments.png")).says("picture of 612 x "));
    CHECK(tools_tests::musegan("segment " + songs.in("song_0002.mid") + " --segment sf-authors --png " +
                               songs.in("two.png"))
              .exit_code == 0);
    CHECK(fs::exists(songs.path("two.png")));
    // The same song gives the same bytes.
    CHECK(tools_tests::musegan("segment " + songs.in("song_0001.mid") + " --png " + songs.in("again.png")).exit_code ==
          0);
    CHECK(support::read_text(songs.path("again.png")) == support::read_text(songs.path("song_0001.segments.png")));
}

TEST_CASE("segment: a piano-roll has the sections of its MIDI file, and a picture") {
    const Songs songs;
    const io::MidiFile midi = io::read_midi(songs.path("song_0001.mid"));
    musegan::write_pypianoroll(songs.path("roll.npz"), musegan::whole_song(musegan::MidiSource(midi), "song").roll);
    for (const std::string way : {"sf", "sf-authors"}) {
        const auto table_of = [&](const std::string& arguments) {
            const support::Outcome outcome = tools_tests::musegan("segment " + arguments + " --segment " + way);
            CAPTURE(outcome.output);
            CHECK(outcome.exit_code == 0);
            std::vector<std::string> lines = support::lines_of(outcome.output);
            std::erase_if(lines, [](const std::string& line) { return !line.starts_with("  "); });
            CHECK(lines.size() > 3);
            return lines;
        };
        const std::string picture = way + ".png";
        CHECK(table_of(songs.in("roll.npz") + " --png " + songs.in(picture)) == table_of(songs.in("song_0001.mid")));
        CHECK(tools_tests::musegan("info " + songs.in(picture)).says("picture of 612 x "));
    }
    const support::Outcome here =
        shell("cd " + quoted(songs.path("")) + " && \"$musegan\" segment roll.npz --png 2>&1 </dev/null");
    CHECK(here.exit_code == 0);
    CHECK(here.output.ends_with("look at roll.segments.png\n"));
    CHECK(support::read_text(songs.path("roll.segments.png")) == support::read_text(songs.path("sf.png")));
}

TEST_CASE("segment: what cannot be is refused in one line") {
    const Songs songs;
    const std::string segment = "segment " + songs.in("song_0001.mid") + " ";
    check_usage_error("segment", {"[segment] no file, expected the song: a MIDI file, or an .npz of pypianoroll"});
    check_usage_error(segment + "--segment fixed",
                      {"[--segment] 'fixed' finds no sections, expected sf or sf-authors"});
    check_usage_error(segment + "--segment verse", {"--segment", "'verse'", "sf-authors"});
    check_usage_error(segment + "--png out.svg", {"[--png] 'out.svg', expected a path that ends in .png"});
    check_refused(segment + "--png " + songs.in("no/such/folder.png"), {"folder.png"});
    fs::copy_file(songs.path("song_0001.mid"), songs.path("song.png"));
    check_refused("segment " + songs.in("song.png") + " --png " + songs.in("song.png"),
                  {"song.png] is the song itself, expected another path for the picture"});
    CHECK(support::read_text(songs.path("song.png")) == support::read_text(songs.path("song_0001.mid")));
    check_refused("segment " + songs.in("missing.mid"), {"missing.mid]"});
    support::write_text(songs.path("empty.mid"), std::string("MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0", 26));
    check_refused("segment " + songs.in("empty.mid"), {"empty.mid] no sections: the file holds no notes"});
    CHECK(!fs::exists("empty.segments.png"));
}
