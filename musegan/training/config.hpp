// A run as a preset: its networks, and all settings that decide its numbers. What config_toml writes, take_preset takes
// back, so that a printed configuration reproduces the run.
#pragma once

#include <filesystem>
#include <string>

#include "musegan/networks/preset.hpp"
#include "musegan/training/run.hpp"

namespace musegan {

/// Networks and every setting that the command line has, as TOML. Weights that the run began with are named in a
/// comment.
std::string config_toml(RunOptions options);

/// Writes it into the folder of the run. Throws Error where that fails.
void write_config(const RunOptions& options);

/// Takes the networks of a preset, and the settings that it states. Throws Error("[file:line] key ...") for a setting
/// that is not known, of another type, or out of its range.
void take_preset(const Preset& preset, RunOptions& options);

/// Takes the model of a model or state file, so that a run can begin with its weights; and the settings of the model's
/// preset, where that is one of the program's. Throws Error as file_settings does.
void take_model_of(const std::filesystem::path& file, RunOptions& options);

}  // namespace musegan
