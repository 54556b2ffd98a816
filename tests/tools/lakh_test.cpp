// From the Lakh sets to phrases as a user does it: kinds of files mixed, lists, songs held out; info and segment of
// piano-rolls and arrays.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "io/npy.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/data/song.hpp"
#include "musegan/data/synth.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "musegan/sources/midi_source.hpp"
#include "tests/support/compare.hpp"
#include "tests/tools/shell.hpp"

using support::Outcome;
using support::quoted;
using tools_tests::check_refused;
using tools_tests::check_usage_error;

namespace {

/// songs/: ten MIDI files and a piano-roll named by MD5s, an array; lists beside them.
class Lakh {
  public:
    Lakh() {
        std::filesystem::create_directories(folder_ / "songs");
        for (int k = 0; k < 10; ++k)
            io::write_midi(folder_ / ("songs/" + md5(k) + ".mid"), musegan::synthesize_song(9, k));
        const io::MidiFile midi = musegan::synthesize_song(9, 10);
        musegan::write_pypianoroll(path("songs/" + md5(10) + ".npz"),
                                   musegan::whole_song(musegan::MidiSource(midi), "song").roll);
        std::vector<std::uint8_t> dense(2 * 384 * 84 * 5);
        dense[5 * 36] = dense[384 * 84 * 5] = 1;
        io::NpyArray array = io::npy_bools(dense);
        array.shape = {2, 384, 84, 5};
        const auto bytes = io::serialize_npy(array, "array");
        support::write_text(path("songs/phrases.npy"), std::string(bytes.begin(), bytes.end()));
        std::string pairs;
        for (int k = 0; k < 11; ++k) pairs += fmt::format("{}    TR{:A>16}\n", md5(k), k % 2 == 0 ? "B" : "C");
        support::write_text(path("cleansed.txt"), pairs);
        support::write_text(path("rock.txt"), fmt::format("TR{:A>16}\n", "B"));
    }
    static std::string md5(int k) { return fmt::format("{:032x}", k); }
    std::filesystem::path path(const std::string& name) const { return folder_ / name; }
    std::string in(const std::string& name) const { return quoted(path(name)); }

  private:
    support::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("prepare takes MIDI, piano-rolls and arrays in one call, and holds songs out") {
    const Lakh lakh;
    const Outcome all = tools_tests::musegan("prepare " + lakh.in("songs") + " --out " + lakh.in("all.safetensors") +
                                             " --held-out 0.2 --augment 1 --segment sf --report " + lakh.in("all.csv"));
    CAPTURE(all.output);
    CHECK(all.exit_code == 0);
    CHECK(all.says("kept 12"));
    CHECK(all.says("midi: 10 files, 10 songs"));
    CHECK(all.says("pypianoroll: 1 files, 1 songs"));
    CHECK(all.says("array: 1 files, 1 songs"));
    CHECK(all.says(" copies in other keys"));
    CHECK(all.says("held out: "));
    CHECK(musegan::Dataset::open(lakh.path("all-held-out.safetensors")).metadata().at("song_count") == "2");
    const Outcome info = tools_tests::musegan("info " + lakh.in("all.safetensors"));
    CHECK(info.says("segment sf; augment 1; held_out 0.2"));
}

TEST_CASE("prepare takes only the songs of the lists, and says what the lists hold besides") {
    const Lakh lakh;
    const std::string command = "prepare " + lakh.in("songs") + " --out " + lakh.in("data") + " --ids ";
    const Outcome rock = tools_tests::musegan(command + lakh.in("cleansed.txt") + " " + lakh.in("rock.txt"));
    CAPTURE(rock.output);
    CHECK(rock.says("kept 6, not_listed 6"));
    CHECK(rock.says("rock.txt: 1 songs"));
    support::write_text(lakh.path("none.txt"), "\n# nothing\n");
    check_refused(command + lakh.in("none.txt"), {"none.txt] ", "expected"});
    check_refused(command + lakh.in("songs"), {"songs] ", "expected"});
    check_refused("prepare " + lakh.in("songs") + " --out " + lakh.in("data") + " --min-score 0.5",
                  {"least match score of 0.5", "--match-scores"});
    check_usage_error("prepare --ids " + lakh.in("rock.txt") + " " + lakh.in("songs") + " --out " + lakh.in("data"),
                      {"in front of --ids, which takes all that follows it"});
    check_usage_error("prepare " + lakh.in("songs") + " --out " + lakh.in("data") + " --segment verse",
                      {"--segment", "fixed, sf or sf-authors"});
    check_usage_error("prepare " + lakh.in("songs") + " --out " + lakh.in("data") + " --track-order bass,drums",
                      {"--track-order"});
}

TEST_CASE("info and segment read piano-rolls as they read MIDI files, and info arrays") {
    const Lakh lakh;
    const std::string roll = lakh.in("songs/" + Lakh::md5(10) + ".npz");
    const Outcome info = tools_tests::musegan("info " + roll);
    CAPTURE(info.output);
    CHECK(info.says("piano-rolls of pypianoroll, 5 tracks of "));
    CHECK(info.says(", program 33  bass\n"));
    CHECK(info.says("as data: kept; meter 4/4; "));
    const Outcome segment = tools_tests::musegan("segment " + roll);
    CHECK(segment.exit_code == 0);
    CHECK(segment.says("as data: kept; "));
    const Outcome array = tools_tests::musegan("info " + lakh.in("songs/phrases.npy"));
    CHECK(array.says("dense |b1 (2, 384, 84, 5), tracks bass,drums,guitar,strings,piano, 24 steps per beat"));
    CHECK(array.says("as data: 2 phrases"));
    check_refused("segment " + lakh.in("songs/phrases.npy"), {"phrases.npy] holds an array, expected a song"});
    support::write_text(lakh.path("cut.npz"),
                        support::read_text(lakh.path("songs/" + Lakh::md5(10) + ".npz")).substr(0, 900));
    check_refused("info " + lakh.in("cut.npz"), {"cut.npz] "});
    check_refused("segment " + lakh.in("cut.npz"), {"cut.npz] "});
}
