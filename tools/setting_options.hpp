// Settings on a command line: one option per setting of a list (io/settings.hpp), with its default and its values in
// the help.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <map>
#include <string>

#include "io/settings.hpp"

namespace tools {

/// Adds the option of a setting to `app`: parsing sets the setting's field, and text that it does not take is refused,
/// naming what it takes. `stated` is told each text that was taken. The field stays where it is until the command line
/// has been parsed.
inline CLI::Option* add_setting(CLI::App& app, const io::Setting& setting,
                                const std::function<void(const std::string&)>& stated = {}) {
    const auto take = [setting, stated](const std::string& text) -> std::string {
        if (!setting.parse(text)) return setting.fault(text);
        if (stated) stated(text);
        return {};
    };
    // What is off by itself needs no value: the bare option says yes.
    if (setting.kind == io::Setting::Kind::yes_or_no && setting.text() == "no")
        return app.add_flag_callback(
            setting.option, [take] { take("yes"); }, setting.help);
    return app
        .add_option_function<std::string>(
            setting.option, [](const std::string&) {}, fmt::format("{} ({})", setting.help, setting.expected))
        ->check(CLI::Validator([take](std::string& text) { return take(text); }, ""))
        ->type_name("")
        ->default_str(setting.text());
}

/// Adds the option of a number that is in no list.
template <typename Number>
CLI::Option* add_number(CLI::App& app, const std::string& option, Number& value, io::Range<Number> range,
                        const std::string& help) {
    io::SettingList list;
    list.number<Number>(option, value, range, help).option = option;
    return add_setting(app, *list.begin());
}

/// Adds an option, or a positional argument, that takes a path: any text but an empty one.
inline CLI::Option* add_path(CLI::App& app, const std::string& option, std::string& path, const std::string& help) {
    return app.add_option(option, path, help)
        ->check(CLI::Validator(
            [](const std::string& text) { return text.empty() ? std::string("no path, expected one") : std::string(); },
            ""));
}

/// Keeps what the command line states, so that it can be laid over settings that come from elsewhere (an earlier run).
/// Stays where it is until the command line has been parsed, as does the list's struct.
class SettingOptions {
  public:
    SettingOptions() = default;
    SettingOptions(const SettingOptions&) = delete;
    SettingOptions& operator=(const SettingOptions&) = delete;

    /// Adds an option to `app` for each setting that has one. Parsing sets the list's struct too, and refuses text that
    /// a setting does not take, naming what it takes.
    void add_to(CLI::App& app, const io::SettingList& list) {
        for (const io::Setting& setting : list)
            if (!setting.option.empty()) add(app, setting);
    }

    /// Whether the command line stated the setting of that key.
    bool states(const std::string& key) const { return stated_.contains(key); }
    /// How many settings the command line stated.
    std::size_t count() const { return stated_.size(); }

    /// Sets in `list` what the command line stated.
    void apply(const io::SettingList& list) const {
        for (const auto& [key, text] : stated_)
            if (const io::Setting* const setting = list.find(key)) setting->set(text, setting->option);
    }

  private:
    void add(CLI::App& app, const io::Setting& setting) {
        add_setting(app, setting, [this, key = setting.key](const std::string& text) { stated_[key] = text; });
    }

    std::map<std::string, std::string> stated_;
};

}  // namespace tools
