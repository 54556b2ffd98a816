#include "musegan/training/config.hpp"

#include "io/atomic_file.hpp"
#include "io/settings_toml.hpp"
#include "musegan/training/checkpoint.hpp"

namespace musegan {

namespace {

io::SettingList all_settings(RunOptions& options) {
    io::SettingList list = settings_of(options.settings);
    list.include(settings_of(options));
    return list;
}

}  // namespace

std::string config_toml(RunOptions options) {
    std::string settings = io::settings_toml(all_settings(options));
    if (!options.start_from.empty())
        settings += fmt::format("# with --start-from {}\n", io::toml_string(options.start_from.string()));
    return preset_toml(options.settings.model.preset, settings);
}

void write_config(const RunOptions& options) {
    const std::string text = config_toml(options);
    io::write_file_atomically(options.run.config(), std::vector<std::uint8_t>(text.begin(), text.end()));
}

void take_preset(const Preset& preset, RunOptions& options) {
    options.settings.model.preset = preset;
    io::set_from_toml(all_settings(options), preset.settings, preset.file);
}

void take_model_of(const std::filesystem::path& file, RunOptions& options) {
    const ModelConfig model = file_settings(file).model;
    for (const std::string& name : preset_names())
        if (preset_named(name) == model.preset) take_preset(preset_named(name), options);
    options.settings.model = model;
}

}  // namespace musegan
