#include "musegan/sound/sound_font.hpp"

#include <doctest/doctest.h>

#include <string>

#include "musegan/sound/fluidsynth.hpp"
#include "musegan/sound/synthesizer.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/environment_variable.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/sound.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
using support::EnvironmentVariable;
using support::message_of;
using namespace std::string_literals;

namespace {

const std::string nothing = "nothing was thrown";

}  // namespace

TEST_CASE("fluidsynth: a library that is not there, or another one, is said in one line") {
    {
        const EnvironmentVariable library("MUSEGAN_FLUIDSYNTH", "/nowhere/libfluidsynth.so");
        const std::string said = message_of([] { open_fluidsynth(); });
        CHECK(said.starts_with("[fluidsynth] /nowhere/libfluidsynth.so: "));
        CHECK(
            said.ends_with(", expected FluidSynth's library: apt-get install fluidsynth fluid-soundfont-gm, or its "
                           "file in MUSEGAN_FLUIDSYNTH"));
        CHECK(said.find('\n') == said.npos);
    }
    const EnvironmentVariable library("MUSEGAN_FLUIDSYNTH", "libm.so.6");
    CHECK(message_of([] { open_fluidsynth(); }) ==
          "[fluidsynth] libm.so.6 has no new_fluid_settings, expected the library of FluidSynth 2, or its file in "
          "MUSEGAN_FLUIDSYNTH");
}

TEST_CASE("sound font: the first that is there, and none") {
    const support::TemporaryFolder folder;
    const auto places = {folder / "a.sf2", folder / "b.sf2", folder / "c.sf2"};
    CHECK(message_of([&] { find_sound_font(places); }) ==
          "[sound font] none in 3 usual places, expected one: apt-get install fluid-soundfont-gm, or --sound-font "
          "FILE");
    support::write_text(folder / "c.sf2", "c");
    std::filesystem::create_directory(folder / "a.sf2");
    CHECK(find_sound_font(places) == folder / "c.sf2");
    support::write_text(folder / "b.sf2", "b");
    CHECK(find_sound_font(places) == folder / "b.sf2");
    const auto usual = usual_sound_fonts();
    CHECK(usual.front() == "/usr/share/sounds/sf2/FluidR3_GM.sf2");
}

TEST_CASE("sound font: what is none is said, by its first bytes") {
    const support::TemporaryFolder folder;
    const auto said = [&](const std::string& bytes) {
        support::write_text(folder / "x.sf2", bytes);
        const std::string text = message_of([&] { require_sound_font(folder / "x.sf2"); });
        const std::string name = "[" + (folder / "x.sf2").string() + "] ";
        return text.starts_with(name) ? text.substr(name.size()) : text;
    };
    const std::string none = "is no sound font, expected one (.sf2, .sf3)";
    CHECK(said("") == none);
    CHECK(said("a text of some length") == none);
    CHECK(said("RIFF\x04\0\0\0WAVE"s) == none);
    CHECK(said("RIFF\x04\0\0\0sfb"s) == none);
    CHECK(said("RIFF\x04\0\0\0sfbk"s) == nothing);  // so far
    CHECK(said("RIFF\x05\0\0\0sfbk"s) == "12 of the 13 bytes that it says it has, expected a whole sound font");
    CHECK(said("RIFF\xff\xff\xff\xffsfbk"s) ==
          "12 of the 4,294,967,303 bytes that it says it has, expected a whole sound font");
    CHECK(message_of([&] {
              require_sound_font(folder / "none");
          }).ends_with("none] is not there, expected a sound font (.sf2, .sf3)"));
    CHECK(message_of([&] {
              require_sound_font(folder.path());
          }).ends_with("] is no regular file, expected a sound font (.sf2, .sf3)"));
}

TEST_CASE("sound font: damage behind the first bytes, and a font without sound, are said") {
    if (const std::string reason = support::no_sound(); !reason.empty()) SKIP_TEST(reason);
    const support::TemporaryFolder folder;
    const std::string whole = support::read_text(find_sound_font());
    const std::filesystem::path file = folder / "x.sf2";
    const auto said = [&](const std::string& bytes) {
        support::write_text(file, bytes);
        return message_of([&] { require_sound(file); });
    };
    CHECK(said(whole) == nothing);
    CHECK(said(whole.substr(0, whole.size() / 2)).find(" bytes that it says it has") != std::string::npos);
    CHECK(said("RIFF\x10\0\0\0sfbkLIST\x04\0\0\0INFO"s)
              .ends_with("] fluidsynth cannot load it, expected a whole sound font (.sf2, .sf3)"));
    // The recordings in the chunk "smpl", with nothing but silence in them.
    std::string silent = whole;
    const std::size_t chunk = silent.find("smpl", silent.find("LIST", silent.find("sdta") - 8));
    REQUIRE(chunk != std::string::npos);
    std::size_t length = 0;
    for (std::size_t k = 4; k-- > 0;) length = length << 8 | static_cast<unsigned char>(silent[chunk + 4 + k]);
    REQUIRE(chunk + 8 + length <= silent.size());
    std::fill_n(silent.begin() + static_cast<std::ptrdiff_t>(chunk) + 8, length, '\0');
    CHECK(
        said(silent).ends_with("] has no sound for bass,drums,guitar,piano,strings, expected a sound font of General "
                               "MIDI"));
}
