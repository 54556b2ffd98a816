// The commands that make music with a trained model, as a user calls them.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "io/midi.hpp"
#include "tests/tools/shell.hpp"

using support::quoted;
using tools_tests::check_refused;
using tools_tests::check_usage_error;
using tools_tests::musegan;

namespace {

/// A folder with songs, a dataset and runs as small as they get.
class Workplace {
  public:
    Workplace() {
        REQUIRE(musegan("synth --songs 2 --seed 4 --out " + in("songs")).exit_code == 0);
        REQUIRE(musegan("prepare " + in("songs") + " --out " + in("data")).exit_code == 0);
    }

    std::string in(const std::string& name) const { return quoted(folder_ / name); }
    std::filesystem::path path(const std::string& name) const { return folder_ / name; }
    const support::TemporaryFolder& folder() const { return folder_; }

    /// Trains a model of 16ths for one step; returns what was printed.
    support::Outcome train(const std::string& run, const std::string& settings) const {
        const support::Outcome trained =
            musegan("train --data " + in("data") + " --run " + in(run) + " --device cpu --width 0.03125 --batch 2 " +
                    "--critic-steps 1 --steps 1 --preset paper --steps-per-beat 4 " + settings);
        REQUIRE(trained.exit_code == 0);
        return trained;
    }

  private:
    support::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("accompany: music to a track of a song, and every way in which that fails") {
    const Workplace work;
    CHECK(work.train("piano", "--model hybrid --condition piano").says(" accompany --input song.mid --run "));
    work.train("scratch", "--model composer");
    const std::string song = work.in("songs/song_0001.mid");
    const std::string accompany = "accompany --input " + song + " --device cpu ";

    const support::Outcome made =
        musegan(accompany + "--run " + work.in("piano") + " --track piano --keep drums --out " + work.in("music"));
    CAPTURE(made.output);
    CHECK(made.exit_code == 0);
    CHECK(made.says("piano given, drums kept, bass,guitar,strings made"));
    CHECK(made.says("tonal distance"));
    CHECK(made.says("listen to "));
    for (const char* name : {"music/song_0001.mid", "music/song_0001.npz", "music/song_0001.png"})
        CHECK(std::filesystem::exists(work.path(name)));
    const io::MidiFile before = io::read_midi(work.path("songs/song_0001.mid")),
                       after = io::read_midi(work.path("music/song_0001.mid"));
    CHECK(after.tempos == before.tempos);
    CHECK(std::ranges::count(after.notes, 2, &io::MidiNote::channel) ==
          std::ranges::count_if(before.notes,
                                [](const io::MidiNote& note) { return !note.is_drum() && note.program < 8; }));

    // A model file does as well as a run, and the track need not be named.
    const std::string weights = " --weights " + work.in("piano/model.safetensors");
    CHECK(musegan(accompany + weights + " --keep drums --figures svg --pypianoroll no --out " + work.in("same"))
              .exit_code == 0);
    CHECK(support::read_text(work.path("same/song_0001.mid")) == support::read_text(work.path("music/song_0001.mid")));
    CHECK(std::filesystem::exists(work.path("same/song_0001.svg")));
    CHECK_FALSE(std::filesystem::exists(work.path("same/song_0001.npz")));

    const std::string out = " --out " + work.in("none");
    check_usage_error(accompany + "--run " + work.in("piano") + " --track drums" + out,
                      {"[accompany] the model is a hybrid given piano, expected one given drums (musegan train "
                       "--condition drums trains one)"});
    check_usage_error(accompany + "--run " + work.in("piano") + " --track flute" + out, {"no track is called 'flute'"});
    check_usage_error(accompany + "--run " + work.in("scratch") + out,
                      {"[accompany] the model is a composer from scratch, expected one given a track (musegan train "
                       "--condition TRACK trains one)"});
    check_refused(accompany + "--run " + work.in("nothing") + out, {"no model.safetensors"});
    check_refused("accompany --input " + work.in("none.mid") + " --run " + work.in("piano") + out, {"none.mid"});
    check_refused(accompany + "--run " + work.in("piano") + " --out " + work.in("songs"),
                  {"song_0001.mid] is the song itself, expected another folder to write into"});

    io::MidiFile other = before;
    other.meters = {{0, 3, 4}};
    io::write_midi(work.path("waltz.mid"), other);
    check_refused("accompany --input " + work.in("waltz.mid") + " --run " + work.in("piano") + out,
                  {"waltz.mid] 3/4 at tick 0, expected bars of four quarters throughout"});
    other = before;
    std::erase_if(other.notes, [](const io::MidiNote& note) { return !note.is_drum(); });
    io::write_midi(work.path("drums.mid"), other);
    check_refused("accompany --input " + work.in("drums.mid") + " --run " + work.in("piano") + out,
                  {"drums.mid] no note of piano, expected some for hybrid given piano; tracks with notes: drums (notes "
                   "become tracks by their program, counted from 0: piano 0 to 7,"});
    other.notes.clear();
    io::write_midi(work.path("silent.mid"), other);
    check_refused("accompany --input " + work.in("silent.mid") + " --run " + work.in("piano") + out,
                  {"silent.mid] the file holds no notes"});
    CHECK_FALSE(std::filesystem::exists(work.path("none")));
}

TEST_CASE("interpolate: a line and a grid between phrases of generate") {
    const Workplace work;
    work.train("scratch", "--model jamming");
    work.train("piano", "--model composer --condition piano");
    const std::string run = " --device cpu --run " + work.in("scratch") + " --seed 3 ";
    CHECK(musegan("generate --phrases 4 --out " + work.in("four") + run).exit_code == 0);
    CHECK(musegan("interpolate --steps 3 --out " + work.in("line") + run).says("3 phrases of 4 bars in "));
    CHECK(musegan("interpolate --grid --steps 2 --way linear --out " + work.in("grid") + run).exit_code == 0);
    const auto midi = [&](const std::string& name) { return support::read_text(work.path(name + ".mid")); };
    CHECK(midi("line/point_001") == midi("four/phrase_001"));
    CHECK(midi("line/point_003") == midi("four/phrase_002"));
    for (const char* corner : {"1_1", "1_2", "2_1", "2_2"}) {
        const int number = (corner[0] - '1') * 2 + corner[2] - '0';
        CHECK(midi(fmt::format("grid/point_{}", corner)) == midi(fmt::format("four/phrase_00{}", number)));
    }
    CHECK(midi("grid/all") == midi("four/all"));
    for (const char* name : {"line/all.png", "line/all.npz", "grid/point_2_1.png"})
        CHECK(std::filesystem::exists(work.path(name)));

    const std::string to_piano = " --device cpu --run " + work.in("piano") + " --out " + work.in("piano_line");
    CHECK(musegan("interpolate --steps 2 --data " + work.in("data") + to_piano).exit_code == 0);
    check_usage_error("interpolate" + to_piano, {"[interpolate] the model is a composer given piano, expected --data"});
    check_usage_error("interpolate --data " + work.in("data") + " --out " + work.in("none") + run,
                      {"[--data] the model is a jamming from scratch, which is given no track"});
    check_usage_error("interpolate --grid --steps 9 --out " + work.in("none") + run,
                      {"[interpolate] a grid of 9 x 9 phrases, expected at most 8 x 8"});
    CHECK_FALSE(std::filesystem::exists(work.path("none")));
}

TEST_CASE("vary: variants of the first phrase of a seed, where tracks have vectors of their own") {
    const Workplace work;
    work.train("hybrid", "--model hybrid");
    work.train("composer", "--model composer");
    work.train("drums", "--model jamming --condition drums");
    const std::string run = " --device cpu --run " + work.in("hybrid") + " --seed 3 ";
    CHECK(musegan("generate --phrases 1 --out " + work.in("one") + run).exit_code == 0);
    CHECK(musegan("vary --redraw drums,bass --phrases 2 --out " + work.in("two") + run).says("listen to "));
    CHECK(support::read_text(work.path("two/variant_000.mid")) == support::read_text(work.path("one/phrase_001.mid")));
    CHECK(std::filesystem::exists(work.path("two/variant_001.npz")));
    CHECK(musegan("vary --redraw bass --phrases 2 --device cpu --data " + work.in("data") + " --run " +
                  work.in("drums") + " --out " + work.in("given"))
              .exit_code == 0);

    const auto refuse = [&](const std::string& of, const std::string& options, const std::string& text) {
        check_usage_error("vary --device cpu --run " + work.in(of) + " --out " + work.in("none") + options, {text});
    };
    refuse("composer", " --redraw bass", "[vary] the model is a composer, which has no vectors per track");
    refuse("hybrid", "", "[vary] no track to redraw, expected some of bass,drums,guitar,piano,strings");
    refuse("drums", " --redraw bass,drums", "[vary] drums is given to the model (jamming given drums), expected");
    refuse("drums", " --redraw bass", "[vary] the model is a jamming given drums, expected --data DATASET");
    CHECK_FALSE(std::filesystem::exists(work.path("none")));
}
