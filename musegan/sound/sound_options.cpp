#include "musegan/sound/sound_options.hpp"

#include "musegan/sound/sound_font.hpp"

namespace musegan {

std::filesystem::path SoundOptions::font() const {
    return sound_font.empty() ? find_sound_font() : std::filesystem::path(sound_font);
}

io::SettingList settings_of(SoundOptions& options) {
    io::SettingList list;
    list.yes_or_no("wav", options.wav, "Beside each MIDI file a WAV file, by FluidSynth and a sound font");
    list.add({.key = "sound_font",
              .expected = "a path",
              .help = "Of --wav: the sound font, by itself one that the system has",
              .option = "--sound-font",
              .text = [&options] { return options.sound_font; },
              .assign =
                  [&options](const std::string& text) {
                      if (!text.empty()) options.sound_font = text;
                      return !text.empty();
                  },
              .is_valid = [] { return true; }});
    return list;
}

}  // namespace musegan
