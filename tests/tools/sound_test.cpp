// WAV files of the commands that make music, and what is said where there can be none.
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "io/midi.hpp"
#include "musegan/sound/wav_of_midi.hpp"
#include "tests/support/environment_variable.hpp"
#include "tests/support/python.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/sound.hpp"
#include "tests/tools/shell.hpp"

using support::EnvironmentVariable;
using support::Outcome;
using support::quoted;
using tools_tests::check_usage_error;

namespace {

Outcome command(const std::string& arguments) { return tools_tests::musegan(arguments); }

/// A run as small as it gets.
class Workplace {
  public:
    explicit Workplace(const std::string& settings) {
        const std::filesystem::path data = tools_tests::small_dataset(folder_);
        REQUIRE(command("train --data " + quoted(data) + " --run " + in("run") +
                        " --device cpu --width 0.03125 --batch 2 --critic-steps 1 --steps 1 --preset paper " +
                        "--steps-per-beat 4 " + settings)
                    .exit_code == 0);
    }

    std::filesystem::path path(const std::string& name) const { return folder_ / name; }
    std::string in(const std::string& name) const { return quoted(path(name)); }
    bool has(const std::string& name) const { return std::filesystem::exists(path(name)); }

    /// One phrase of four seconds into music/.
    Outcome generate(const std::string& options) const {
        return command("generate --phrases 1 --tempo 240 --device cpu --pypianoroll no --run " + in("run") + " --out " +
                       in("music") + options);
    }

  private:
    support::TemporaryFolder folder_;
};

/// Whether the WAV file is as long as the MIDI file beside it, and as loud as all are.
bool fits_its_midi(const std::filesystem::path& wav) {
    std::filesystem::path midi = wav;
    const support::Wav sound = support::read_wav(wav);
    return sound.frames() == musegan::wav_frames(io::read_midi(midi.replace_extension("mid"))) &&
           std::abs(sound.peak() - musegan::wav_peak) < 1e-3;
}

}  // namespace

TEST_CASE("--wav: a WAV file beside each MIDI file, gone when it is no longer asked for") {
    if (const std::string reason = support::no_sound(); !reason.empty()) SKIP_TEST(reason);
    const Workplace work("--model composer");
    const Outcome made = work.generate(" --wav");
    CAPTURE(made.output);
    CHECK(made.exit_code == 0);
    CHECK_FALSE(made.says("no WAV files"));
    CHECK(fits_its_midi(work.path("music/phrase_001.wav")));
    CHECK(fits_its_midi(work.path("music/all.wav")));
    const std::string first = support::read_text(work.path("music/all.wav"));
    CHECK(work.generate(" --wav --sound-font " + quoted(musegan::find_sound_font())).exit_code == 0);
    CHECK(support::read_text(work.path("music/all.wav")) == first);
    if (const std::string python = support::python_with("wave"); !python.empty())
        CHECK(support::shell(python + " -c 'import sys, wave; print(wave.open(sys.argv[1]).getparams()[:4])' " +
                             work.in("music/all.wav"))
                  .output == fmt::format("(2, 2, 44100, {})\n", (first.size() - 44) / 4));
    CHECK(work.generate("").says("removed 2 files of an earlier call"));
    CHECK_FALSE(work.has("music/all.wav"));
}

TEST_CASE("--wav: accompany makes the song's sound by the song's tempos") {
    if (const std::string reason = support::no_sound(); !reason.empty()) SKIP_TEST(reason);
    const Workplace work("--model composer --condition piano");
    io::MidiFile song = io::read_midi(work.path("songs/song_0001.mid"));
    const std::int64_t four_bars = 16 * song.ticks_per_quarter;
    std::erase_if(song.notes, [&](const io::MidiNote& note) { return note.offset > four_bars; });
    song.last_tick = four_bars;
    song.tempos = {{0, 300000}, {four_bars / 2, 150000}};
    io::write_midi(work.path("song.mid"), song);
    const Outcome made = command("accompany --device cpu --wav --input " + work.in("song.mid") + " --run " +
                                 work.in("run") + " --out " + work.in("music"));
    CAPTURE(made.output);
    CHECK(made.exit_code == 0);
    CHECK(fits_its_midi(work.path("music/song.wav")));
    // 8 quarter notes of 0.3 s and 8 of 0.15 s.
    CHECK(support::read_wav(work.path("music/song.wav")).frames() / 44100.0 == doctest::Approx(3.6).epsilon(0.01));
}

TEST_CASE("--wav: what is missing is said in one line before the work, and the rest is written") {
    const Workplace work("--model composer");
    support::write_text(work.path("text.sf2"), "a text");
    const auto check_without = [&](const std::string& options, const std::string& line) {
        const Outcome made = work.generate(options);
        CAPTURE(made.output);
        CHECK(made.exit_code == 0);
        CHECK(made.output.starts_with("no WAV files: " + line));
        CHECK(made.output.find("\ndevice: ") == made.output.find('\n'));  // a line of its own, the first
        CHECK(work.has("music/all.mid"));
        CHECK(work.has("music/all.png"));
        CHECK_FALSE(work.has("music/all.wav"));
        std::filesystem::remove_all(work.path("music"));
    };
    {
        const EnvironmentVariable library("MUSEGAN_FLUIDSYNTH", "/nowhere/libfluidsynth.so");
        check_without(" --wav --sound-font " + work.in("text.sf2"), "[fluidsynth] /nowhere/libfluidsynth.so: ");
        CHECK(command("doctor").says("fluidsynth       [fluidsynth] /nowhere/libfluidsynth.so: "));
    }
    CHECK(command("generate --phrases 102 --tempo 4 --device cpu --pypianoroll no --wav --run " + work.in("run") +
                  " --out " + work.in("long"))
              .output.starts_with("no WAV files: [all.wav] 6 h 48 min of sound, expected at most 6 h 45 min, which is "
                                  "what a WAV file holds\n"));
    check_usage_error("generate --run x --out y --sound-font " + work.in("text.sf2"),
                      {"[--sound-font] no --wav, expected it too: the sound font is for WAV files"});
    check_usage_error("generate --run x --out y --wav --sound-font ''", {"[--sound-font] '', expected a path"});
    if (const std::string reason = support::no_sound(); !reason.empty()) SKIP_TEST(reason);
    const std::string name = "[" + work.path("text.sf2").string() + "] ";
    check_without(" --wav --sound-font " + work.in("text.sf2"), name + "is no sound font, expected one (.sf2, .sf3)\n");
    check_without(" --wav --sound-font " + work.in("none"), "[" + work.path("none").string() + "] is not there, ");
    const std::string whole = support::read_text(musegan::find_sound_font());
    support::write_text(work.path("text.sf2"), whole.substr(0, whole.size() / 2));
    check_without(" --wav --sound-font " + work.in("text.sf2"), name);
    const Outcome doctor = command("doctor");
    CHECK(doctor.says("sound font       " + musegan::find_sound_font().string() + "\n"));
    CHECK(doctor.says("fluidsynth       2."));
}
