// How updates run that a program measures: the settings of `musegan train`, each an option with its name, --preset and
// --plain.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "musegan/training/training.hpp"
#include "tools/setting_options.hpp"

namespace tools {

class UpdateOptions {
  public:
    /// Adds the options to `app`. `preset` is taken where the command line says none; auto is what `train` takes.
    UpdateOptions(CLI::App& app, const musegan::TrainingSettings& defaults, std::string preset);
    UpdateOptions(const UpdateOptions&) = delete;
    UpdateOptions& operator=(const UpdateOptions&) = delete;

    /// What was parsed, for a device. Throws UsageError for a preset that is none, and for settings that do not
    /// validate.
    musegan::TrainingSettings settings(tensor::Device device) const;
    /// Whether the command line stated the setting of that key.
    bool states(const std::string& key) const { return stated_.states(key); }
    /// Whether it stated anything of the update beside the setting of that key.
    bool states_any_but(const std::string& key) const;

  private:
    musegan::TrainingSettings defaults_, parsed_;
    SettingOptions stated_;
    std::string preset_, command_;
    const CLI::Option* preset_option_ = nullptr;
    bool plain_ = false;
};

}  // namespace tools
