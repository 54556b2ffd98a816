#include "io/settings_toml.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "io/nearest_name.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

/// What a file calls a setting: its option without dashes.
std::string key_of(const Setting& setting) {
    std::string key = setting.option.empty() ? std::string() : setting.option.substr(2);
    std::replace(key.begin(), key.end(), '-', '_');
    return key;
}

/// Whether `text` is an integer that no std::int64_t holds.
bool is_beyond_int64(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc::result_out_of_range && end == text.data() + text.size();
}

std::string toml_value(const Setting& setting) {
    const std::string text = setting.text();
    switch (setting.kind) {
        case Setting::Kind::number: return is_beyond_int64(text) ? toml_string(text) : text;
        case Setting::Kind::yes_or_no: return text == "yes" ? "true" : "false";
        case Setting::Kind::text: break;
    }
    return toml_string(text);
}

std::string expected_value(const Setting& setting) {
    switch (setting.kind) {
        case Setting::Kind::number: return "a number: " + setting.expected;
        case Setting::Kind::yes_or_no: return "true or false";
        case Setting::Kind::text: break;
    }
    return "a string: " + setting.expected;
}

std::string cut(const std::string& text) {
    constexpr std::size_t shown = 60;
    return text.size() > shown ? text.substr(0, shown) + "..." : text;
}

[[noreturn]] void fail_unknown(const SettingList& list, const std::string& key, std::string_view where) {
    std::vector<std::string> known;
    for (const Setting& setting : list)
        if (!setting.option.empty()) known.push_back(key_of(setting));
    const std::string nearest = nearest_name(key, known);
    tensor::fail(where, "unknown key '{}', expected one of {}{}", cut(key), fmt::join(known, ", "),
                 nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest));
}

/// Takes a number, whole or not, as text that names the same number.
void set_number(const Setting& setting, const std::string& text, std::string_view where) {
    if (!setting.parse(text)) tensor::fail(where, "{} is {}, expected {}", key_of(setting), text, setting.expected);
}

void set_value(const Setting& setting, const TomlValue& value, std::string_view where) {
    using Kind = Setting::Kind;
    const auto* const text = value.get<std::string>();
    if (setting.kind == Kind::text && text) return setting.set(*text, where);
    if (setting.kind == Kind::number) {
        if (text && is_beyond_int64(*text)) return setting.set(*text, where);
        if (const auto* const integer = value.get<std::int64_t>())
            return set_number(setting, fmt::format("{}", *integer), where);
        if (const auto* const number = value.get<double>())
            return set_number(setting, fmt::format("{}", *number), where);
    }
    if (const bool* const truth = value.get<bool>(); truth && setting.kind == Kind::yes_or_no)
        return setting.set(*truth ? "yes" : "no", where);
    tensor::fail(where, "{} is {}, expected {}", key_of(setting), value.kind(), expected_value(setting));
}

}  // namespace

std::string settings_toml(const SettingList& list) {
    std::string lines;
    for (const Setting& setting : list)
        if (!setting.option.empty()) lines += fmt::format("{} = {}\n", key_of(setting), toml_value(setting));
    return lines;
}

void set_from_toml(const SettingList& list, const TomlTable& table, std::string_view file) {
    for (const TomlEntry& entry : table.entries) {
        const std::string where = fmt::format("{}:{}", file, entry.line);
        const auto setting = std::find_if(list.begin(), list.end(), [&](const Setting& each) {
            return !each.option.empty() && key_of(each) == entry.key;
        });
        if (setting == list.end()) fail_unknown(list, entry.key, where);
        set_value(*setting, entry.value, where);
    }
}

}  // namespace io
