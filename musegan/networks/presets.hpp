// The presets that come with the program: presets/*.toml, built into it and installed beside it.
#pragma once

#include <string>
#include <vector>

#include "musegan/networks/preset.hpp"

namespace musegan {

/// Their names, the paper's first.
const std::vector<std::string>& preset_names();
/// One of them. Throws Error for another name, listing them.
const Preset& preset_named(const std::string& name);
/// The networks of AAAI 2018.
const Preset& paper_preset();
/// Of the program by name, or of a file: what ends in ".toml" or has a "/" in it. Throws Error for what is neither, and
/// as read_preset does.
Preset find_preset(const std::string& name_or_file);

}  // namespace musegan
