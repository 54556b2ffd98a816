// The presets that come with the program: presets/*.toml, built into it and installed beside it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "musegan/networks/preset.hpp"
#include "tensor/device.hpp"

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

/// One of the presets that come with the program, and in words why it was taken.
struct PresetChoice {
    std::string name, reason;
};
/// For a run that names no preset: "paper" on a GPU and "compact" elsewhere; "paper" there too for a time grid
/// (`steps_per_beat`, if one is asked for) that compact has no layers for.
PresetChoice automatic_preset(tensor::DeviceKind device, std::optional<int> steps_per_beat);

}  // namespace musegan
