#include "musegan/toy/toy_variants.hpp"

#include <algorithm>

#include "io/nearest_name.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr const char* where = "--vary";
constexpr std::size_t most_variants = 8;

std::vector<std::string> split_at_commas(std::string_view text) {
    std::vector<std::string> parts{""};
    for (const char c : text) {
        if (c == ',') parts.emplace_back();
        else parts.back() += c;
    }
    return parts;
}

/// "expected penalty_weight", or all names where none is near.
std::string hint_for(const std::string& key, const io::SettingList& list) {
    std::vector<std::string> names;
    for (const io::Setting& setting : list) names.push_back(setting.key);
    const std::string nearest = io::nearest_name(key, names);
    if (!nearest.empty()) return "did you mean " + nearest + "?";
    std::string text = "expected one of";
    for (const std::string& name : names) text += " " + name;
    return text;
}

}  // namespace

std::string varied_key(std::string_view vary) {
    const std::size_t end = vary.find('=');
    if (end == std::string_view::npos || end == 0)
        tensor::fail(where, "'{}', expected SETTING=V1,V2,... as penalty_weight=0,1,10", vary);
    std::string key(vary.substr(0, end));
    std::ranges::replace(key, '-', '_');
    ToySettings settings;
    const io::SettingList list = settings_of(settings);
    if (list.find(key) == nullptr) tensor::fail(where, "'{}' is no setting, {}", key, hint_for(key, list));
    return key;
}

std::vector<ToyVariant> variants_of(const ToySettings& settings, std::string_view vary) {
    const std::string key = varied_key(vary);
    const std::vector<std::string> texts = split_at_commas(vary.substr(vary.find('=') + 1));
    if (texts.size() > most_variants)
        tensor::fail(where, "{} values of {}, expected {} or fewer", texts.size(), key, most_variants);
    std::vector<ToyVariant> variants;
    for (const std::string& text : texts) {
        ToyVariant variant{"", settings};
        const io::SettingList list = settings_of(variant.settings);
        const io::Setting& setting = *list.find(key);
        if (!setting.parse(text)) tensor::fail(where, "{} {}", key, setting.fault(text));
        variant.name = key + " " + setting.text();
        if (std::ranges::find(variants, variant.name, &ToyVariant::name) != variants.end())
            tensor::fail(where, "{} is stated twice, expected other values", variant.name);
        variants.push_back(variant);
    }
    return variants;
}

}  // namespace musegan
