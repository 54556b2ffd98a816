// Where instruments come from: a file with recordings of all of General MIDI's.
#pragma once

#include <filesystem>
#include <vector>

namespace musegan {

/// Where systems keep sound fonts (Debian, Fedora, Arch, Homebrew): the better ones first.
std::vector<std::filesystem::path> usual_sound_fonts();

/// The first of these that is there. Throws Error("[sound font] ...") that says how to install one.
std::filesystem::path find_sound_font(const std::vector<std::filesystem::path>& places = usual_sound_fonts());

/// Throws Error for what is no regular file, for a file that does not begin as a sound font does (SoundFont Technical
/// Specification 2.04: a RIFF file of form sfbk), and for one that is shorter than it says.
void require_sound_font(const std::filesystem::path& file);

}  // namespace musegan
