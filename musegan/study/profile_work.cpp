// What a profile was made of, in the words of the settings of `musegan train`.
#include <algorithm>
#include <array>
#include <string_view>

#include "musegan/study/profile_run.hpp"

namespace musegan {

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

/// How the same numbers are computed.
constexpr std::array how{std::string_view("precision"), std::string_view("fusion"), std::string_view("gather_launches"),
                         std::string_view("passes")};
/// What changes numbers, but neither operators nor shapes.
constexpr std::array no_work{std::string_view("seed"),         std::string_view("rate"),
                             std::string_view("beta1"),        std::string_view("beta2"),
                             std::string_view("adam_epsilon"), std::string_view("neuron_growth"),
                             std::string_view("schedule"),     std::string_view("critic_steps"),
                             std::string_view("weight_start"), std::string_view("neuron_steepest")};

bool holds(const auto& keys, std::string_view key) { return std::ranges::find(keys, key) != keys.end(); }

/// FNV-1a in eight digits: tells texts apart that are too long to show.
std::string fingerprint(const std::string& text) {
    std::uint32_t hash = 2166136261u;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return fmt::format("{:08x}", hash);
}

template <typename Chosen>
Settings settings_where(TrainingSettings settings, Chosen chosen) {
    settings.model = settings.model.with_lengths();
    Settings list;
    for (const io::Setting& setting : settings_of(settings)) {
        if (!chosen(std::string_view(setting.key))) continue;
        const bool is_long = setting.key == "networks";
        list.emplace_back(
            setting.key,
            is_long ? fmt::format("{} ({})", settings.model.preset.name, fingerprint(setting.text())) : setting.text());
    }
    return list;
}

}  // namespace

Settings work_of(const TrainingSettings& settings) {
    return settings_where(settings, [](std::string_view key) { return !holds(how, key) && !holds(no_work, key); });
}

Settings how_of(const TrainingSettings& settings) {
    return settings_where(settings, [](std::string_view key) { return holds(how, key); });
}

}  // namespace musegan
