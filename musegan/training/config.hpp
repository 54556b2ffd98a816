// A run as a preset: its networks, and all settings that decide its numbers. What config_toml writes, take_preset takes
// back, so that a printed configuration reproduces the run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "musegan/networks/preset.hpp"
#include "musegan/training/run.hpp"

namespace musegan {

/// Networks and every setting that the command line has, as TOML. Weights that the run began with are named in a
/// comment.
std::string config_toml(RunOptions options);

/// Writes it into the folder of the run, with the path of the dataset as a comment in its last line. Throws Error where
/// that fails.
void write_config(const RunOptions& options);

/// The text of a run's config.toml. Throws Error for a file that is not there, cannot be read or has over a megabyte.
std::string read_config(const RunFolder& run);
/// Names the dataset that a run goes on with, which may have been moved, in the comment. Throws Error where the file
/// cannot be read or written; one that is not there stays away.
void keep_data_path(const RunFolder& run, const std::filesystem::path& data);
/// The dataset that the comment of a configuration names; nothing where there is none. It may be gone.
std::optional<std::filesystem::path> data_path_in(std::string_view config);
/// The weights that the run began with, likewise.
std::optional<std::filesystem::path> start_path_in(std::string_view config);

/// Takes the networks of a preset, and the settings that it states. Throws Error("[file:line] key ...") for a setting
/// that is not known, of another type, or out of its range.
void take_preset(const Preset& preset, RunOptions& options);

/// Takes the model of a model or state file, so that a run can begin with its weights; and the settings of the model's
/// preset, where that is one of the program's. Throws Error as file_settings does.
void take_model_of(const std::filesystem::path& file, RunOptions& options);

}  // namespace musegan
