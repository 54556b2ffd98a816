// WAV files, looked at before the work: a machine without sound costs them alone.
#pragma once

#include <cstdint>
#include <string>

#include "musegan/sound/sound_options.hpp"

namespace tools {

/// Where WAV files are asked for and cannot be made (no library, no sound font, more than a WAV file holds), says so in
/// one line and takes them out of the options. `longest` is the longest of them, of so many frames. Throws UsageError
/// for a sound font without --wav.
void settle_sound(musegan::SoundOptions& sound, const std::string& longest, std::int64_t frames);

}  // namespace tools
