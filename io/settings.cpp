#include "io/settings.hpp"

#include <algorithm>
#include <iterator>

namespace io {

namespace {

/// A text of at most 60 characters: a damaged file may say anything at any length.
std::string quoted(std::string_view text) {
    constexpr std::size_t longest = 60;
    return fmt::format("'{}{}'", text.substr(0, longest), text.size() > longest ? "..." : "");
}

/// Whether a text is a number in form, however large.
bool is_number(std::string_view text, bool whole) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::invalid_argument || end != text.data() + text.size()) return false;
    return !whole || text.find_first_not_of("0123456789", text.starts_with('-') ? 1 : 0) == std::string_view::npos;
}

}  // namespace

bool Setting::parse(const std::string& value) const {
    const std::string before = text();
    if (assign(value) && is_valid()) return true;
    assign(before);
    return false;
}

std::string Setting::fault(std::string_view value) const {
    const bool in_form = kind != Kind::number || is_number(value, whole);
    return fmt::format("{}{}, expected {}", quoted(value),
                       in_form ? ""
                       : whole ? " is no whole number"
                               : " is no number",
                       expected);
}

void Setting::set(const std::string& value, std::string_view where) const {
    if (!parse(value)) tensor::fail(where, "{} is {}, expected {}", key, quoted(value), expected);
}

Setting& SettingList::add(Setting setting) {
    if (setting.option.empty()) {
        setting.option = "--" + setting.key;
        std::replace(setting.option.begin(), setting.option.end(), '_', '-');
    }
    if (!setting.shown) setting.shown = setting.text;
    settings_.push_back(std::move(setting));
    return settings_.back();
}

Setting& SettingList::one_of(std::string key, int& value, std::vector<int> allowed, std::string help) {
    Setting& setting = number<int>(std::move(key), value, at_least(0), std::move(help));
    setting.expected = fmt::format("{} or {}", fmt::join(allowed.begin(), allowed.end() - 1, ", "), allowed.back());
    setting.is_valid = [&value, allowed = std::move(allowed)] {
        return std::ranges::find(allowed, value) != allowed.end();
    };
    return setting;
}

Setting& SettingList::yes_or_no(std::string key, bool& value, std::string help) {
    return add({.key = std::move(key),
                .expected = "yes or no",
                .help = std::move(help),
                .kind = Setting::Kind::yes_or_no,
                .text = [&value] { return std::string(value ? "yes" : "no"); },
                .assign =
                    [&value](const std::string& text) {
                        if (text != "yes" && text != "no") return false;
                        value = text == "yes";
                        return true;
                    },
                .is_valid = [] { return true; }});
}

Setting& SettingList::precision(tensor::Precision& value) {
    return choice("precision", value,
                  "Of f32 products; tf32 and bf16 round operands to 10 and 7 bits of fraction, where a device can");
}

void SettingList::include(SettingList part) {
    std::move(part.settings_.begin(), part.settings_.end(), std::back_inserter(settings_));
}

SettingList& SettingList::may_be_missing() {
    for (Setting& setting : settings_) setting.may_be_missing = true;
    return *this;
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
        if (found != metadata.end()) setting.set(found->second, file);
        else if (!setting.may_be_missing)
            tensor::fail(file, "no '{}' in the metadata, expected {} (a file of another kind?)", setting.key,
                         setting.expected);
    }
}

void SettingList::validate(std::string_view where) const {
    for (const Setting& setting : settings_)
        if (!setting.is_valid())
            tensor::fail(where, "{} {}, expected {}", setting.key, setting.shown(), setting.expected);
}

}  // namespace io
