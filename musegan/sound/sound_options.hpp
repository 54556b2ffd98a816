// What is asked for of sound.
#pragma once

#include <filesystem>
#include <string>

#include "io/settings.hpp"

namespace musegan {

struct SoundOptions {
    bool wav = false;          ///< beside each MIDI file a WAV file
    std::string sound_font{};  ///< by whose instruments; empty for the first of usual_sound_fonts() that is there

    /// Throws Error where there is none (find_sound_font).
    std::filesystem::path font() const;
};
/// All of them.
io::SettingList settings_of(SoundOptions& options);

}  // namespace musegan
