#include "musegan/training/config.hpp"

#include <algorithm>
#include <utility>

#include "io/atomic_file.hpp"
#include "io/settings_toml.hpp"
#include "io/toml.hpp"
#include "musegan/training/checkpoint.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr std::string_view data_comment = "# with --data ", start_comment = "# with --start-from ";

/// The comment that names a dataset; "" for a path that TOML, which is UTF-8, cannot hold.
std::string comment_of_data(const std::filesystem::path& data) {
    try {
        const std::filesystem::path whole = std::filesystem::absolute(data).lexically_normal();
        return fmt::format("{}{}\n", data_comment, io::toml_string(whole.string()));
    } catch (const std::exception&) {
        return {};
    }
}

/// The first line of a configuration that begins so, its end included: place and length; {npos, 0} for none.
std::pair<std::size_t, std::size_t> place_of(std::string_view comment, std::string_view config) {
    for (std::size_t begin = 0; begin < config.size();) {
        const std::size_t next = std::min(config.find('\n', begin), config.size() - 1) + 1;
        if (config.substr(begin).starts_with(comment)) return {begin, next - begin};
        begin = next;
    }
    return {std::string::npos, 0};
}

/// The path that such a line names; nothing where there is none.
std::optional<std::filesystem::path> path_in(std::string_view comment, std::string_view config) {
    const auto [begin, length] = place_of(comment, config);
    if (begin == std::string::npos) return std::nullopt;
    try {
        const std::string line = fmt::format("path = {}", config.substr(begin, length).substr(comment.size()));
        const io::TomlTable table = io::parse_toml(line, "config.toml");
        const io::TomlEntry* const entry = table.find("path");
        const std::string* const path = entry == nullptr ? nullptr : entry->value.get<std::string>();
        if (path != nullptr && !path->empty()) return *path;
    } catch (const tensor::Error&) {  // somebody's own comment
    }
    return std::nullopt;
}

io::SettingList all_settings(RunOptions& options) {
    io::SettingList list = settings_of(options.settings);
    list.include(settings_of(options));
    return list;
}

}  // namespace

std::string config_toml(RunOptions options) {
    std::string settings = io::settings_toml(all_settings(options));
    if (!options.start_from.empty())
        settings += fmt::format("{}{}\n", start_comment, io::toml_string(options.start_from.string()));
    return preset_toml(options.settings.model.preset, settings);
}

void write_config(const RunOptions& options) {
    io::write_file_atomically(options.run.config(), io::as_bytes(config_toml(options) + comment_of_data(options.data)));
}

std::string read_config(const RunFolder& run) {
    const std::vector<std::uint8_t> bytes = io::read_file(run.config(), io::max_toml_bytes);
    return {bytes.begin(), bytes.end()};
}

void keep_data_path(const RunFolder& run, const std::filesystem::path& data) {
    std::error_code unused;
    if (!std::filesystem::exists(run.config(), unused)) return;  // an earlier version wrote none
    const std::string before = read_config(run);
    std::string text = before;
    const auto [begin, length] = place_of(data_comment, text);
    if (begin == std::string::npos) text += (text.ends_with('\n') ? "" : "\n") + comment_of_data(data);
    else text.replace(begin, length, comment_of_data(data));
    if (text != before) io::write_file_atomically(run.config(), io::as_bytes(text));
}

std::optional<std::filesystem::path> data_path_in(std::string_view config) { return path_in(data_comment, config); }

std::optional<std::filesystem::path> start_path_in(std::string_view config) { return path_in(start_comment, config); }

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
