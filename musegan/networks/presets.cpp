#include "musegan/networks/presets.hpp"

#include <algorithm>
#include <map>

#include "io/nearest_name.hpp"
#include "musegan/networks/preset_texts.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

/// "compact" of compact.toml.
std::string name_of(const io::EmbeddedText& preset) {
    return std::string(preset.name.substr(0, preset.name.rfind('.')));
}

[[noreturn]] void fail_unknown(const std::string& name) {
    const std::string near = io::nearest_name(name, preset_names());
    tensor::fail("preset", "there is no '{}', expected {} or the path of a .toml file{}", name,
                 fmt::join(preset_names(), ", "), near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near));
}

}  // namespace

const std::vector<std::string>& preset_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> list;
        for (const io::EmbeddedText& preset : preset_texts()) list.push_back(name_of(preset));
        std::ranges::stable_sort(list, {}, [](const std::string& name) { return name != "paper"; });
        return list;
    }();
    return names;
}

const Preset& preset_named(const std::string& name) {
    static const std::map<std::string, Preset> presets = [] {
        std::map<std::string, Preset> all;
        for (const io::EmbeddedText& preset : preset_texts())
            all.emplace(name_of(preset), parse_preset(preset.text, fmt::format("preset {}", name_of(preset))));
        return all;
    }();
    const auto found = presets.find(name);
    if (found == presets.end()) fail_unknown(name);
    return found->second;
}

const Preset& paper_preset() { return preset_named("paper"); }

Preset find_preset(const std::string& name_or_file) {
    if (name_or_file.ends_with(".toml") || name_or_file.find('/') != std::string::npos)
        return read_preset(name_or_file);
    return preset_named(name_or_file);
}

PresetChoice automatic_preset(tensor::DeviceKind device, std::optional<int> steps_per_beat) {
    if (device == tensor::DeviceKind::cuda) return {"paper", "for a GPU (--preset compact: small and quick networks)"};
    const std::vector<int>& grids = preset_named("compact").grids;
    if (steps_per_beat && std::ranges::find(grids, *steps_per_beat) == grids.end())
        return {"paper", fmt::format("since compact has no layers for {} steps per beat, only for {}", *steps_per_beat,
                                     fmt::join(grids, ", "))};
    return {"compact", "for a CPU (--preset paper: the paper's networks)"};
}

}  // namespace musegan
