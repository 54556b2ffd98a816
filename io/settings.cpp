#include "io/settings.hpp"

#include <algorithm>

namespace io {

void Setting::set(const std::string& value, std::string_view where) const {
    if (!parse(value)) tensor::fail(where, "{} is '{}', expected {}", key, value, expected);
}

Setting& SettingList::add(Setting setting) {
    setting.option = "--" + setting.key;
    std::replace(setting.option.begin(), setting.option.end(), '_', '-');
    settings_.push_back(std::move(setting));
    return settings_.back();
}

Setting& SettingList::one_of(std::string key, int& value, std::vector<int> allowed, std::string help) {
    const auto is_allowed = [allowed](int number) { return std::ranges::find(allowed, number) != allowed.end(); };
    Setting& setting = number<int>(std::move(key), value, {allowed.front(), allowed.back()}, std::move(help));
    setting.expected = fmt::format("{} or {}", fmt::join(allowed.begin(), allowed.end() - 1, ", "), allowed.back());
    setting.parse = [&value, is_allowed, parse_number = setting.parse](const std::string& text) {
        const int before = value;
        if (parse_number(text) && is_allowed(value)) return true;
        value = before;
        return false;
    };
    setting.is_valid = [&value, is_allowed] { return is_allowed(value); };
    return setting;
}

Setting& SettingList::yes_or_no(std::string key, bool& value, std::string help) {
    return add({.key = std::move(key),
                .expected = "yes or no",
                .help = std::move(help),
                .is_switch = true,
                .text = [&value] { return std::string(value ? "yes" : "no"); },
                .parse =
                    [&value](const std::string& text) {
                        if (text != "yes" && text != "no") return false;
                        value = text == "yes";
                        return true;
                    },
                .is_valid = [] { return true; }});
}

void SettingList::include(SettingList part) {
    std::move(part.settings_.begin(), part.settings_.end(), std::back_inserter(settings_));
}

const Setting* SettingList::find(std::string_view key) const {
    const auto found = std::find_if(begin(), end(), [&](const Setting& each) { return each.key == key; });
    return found == end() ? nullptr : &*found;
}

Metadata SettingList::to_metadata() const {
    Metadata metadata;
    for (const Setting& setting : settings_) metadata[setting.key] = setting.text();
    return metadata;
}

void SettingList::from_metadata(const Metadata& metadata, std::string_view file) const {
    for (const Setting& setting : settings_) {
        const auto found = metadata.find(setting.key);
        if (found == metadata.end())
            tensor::fail(file, "no '{}' in the metadata, expected {} (a file of another kind?)", setting.key,
                         setting.expected);
        setting.set(found->second, file);
    }
}

void SettingList::validate(std::string_view where) const {
    for (const Setting& setting : settings_)
        if (!setting.is_valid())
            tensor::fail(where, "{} {}, expected {}", setting.key, setting.text(), setting.expected);
}

}  // namespace io
