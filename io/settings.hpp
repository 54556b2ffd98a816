// Settings said once: a struct lists its fields as a SettingList (key, values that are allowed, what it means), and
// everything that reads or writes settings follows from that list: the metadata of a file, the comparison of two files,
// the range checks, the options of the command line and their help.
#pragma once

#include <charconv>
#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/metadata.hpp"
#include "tensor/enum_names.hpp"
#include "tensor/error.hpp"

namespace io {

/// One field of a struct, by reference: the struct must outlive it.
struct Setting {
    std::string key{};                                ///< "critic_steps"; the command line says --critic-steps
    std::string expected{};                           ///< the values that it takes: "1 to 10000", "constant or 2017"
    std::string help{};                               ///< what it means, for the command line
    std::string option{};                             ///< "--critic-steps"; empty for a field that no user sets by hand
    bool is_switch = false;                           ///< yes or no: on the command line the bare option means yes
    std::function<std::string()> text{};              ///< the field as text, which `parse` takes back exactly
    std::function<bool(const std::string&)> parse{};  ///< sets the field; false, changing nothing, for other text
    std::function<bool()> is_valid{};                 ///< whether the field holds a value that is allowed

    /// Sets the field. Throws Error("[where] key is 'text', expected ...").
    void set(const std::string& value, std::string_view where) const;
};

/// Numbers from `least` to `most`. `more_than_least` leaves out the least one itself.
template <typename Number>
struct Range {
    Number least, most;
    bool more_than_least = false;

    bool contains(Number value) const {
        return (more_than_least ? value > least : value >= least) && value <= most;  // false for NaN
    }
    std::string to_string() const {
        return more_than_least ? fmt::format("more than {} and at most {}", least, most)
                               : fmt::format("{} to {}", least, most);
    }
};

class SettingList {
  public:
    // Each returns the setting, with an option named like its key, to be adapted where that does not fit.

    /// An integer or a double. Text is digits alone (and what doubles need), in base ten.
    template <typename Number>
    Setting& number(std::string key, Number& value, Range<Number> range, std::string help) {
        return add({.key = std::move(key),
                    .expected = range.to_string(),
                    .help = std::move(help),
                    .text = [&value] { return fmt::format("{}", value); },
                    .parse =
                        [&value, range](const std::string& text) {
                            Number number{};
                            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
                            if (error != std::errc{} || end != text.data() + text.size() || !range.contains(number))
                                return false;
                            value = number;
                            return true;
                        },
                    .is_valid = [&value, range] { return range.contains(value); }});
    }

    /// One of a few integers.
    Setting& one_of(std::string key, int& value, std::vector<int> allowed, std::string help);

    /// One of an enum's names (tensor/enum_names.hpp).
    template <tensor::NamedEnum Enum>
    Setting& choice(std::string key, Enum& value, std::string help) {
        return add({.key = std::move(key),
                    .expected = tensor::list_names<Enum>(),
                    .help = std::move(help),
                    .text = [&value] { return std::string(tensor::name_of(value)); },
                    .parse =
                        [&value](const std::string& text) {
                            const auto named = tensor::find_name<Enum>(text);
                            if (named) value = *named;
                            return named.has_value();
                        },
                    .is_valid = [] { return true; }});
    }

    /// "yes" or "no".
    Setting& yes_or_no(std::string key, bool& value, std::string help);
    /// Any other field, in full.
    Setting& add(Setting setting);
    /// The settings of a part of the struct.
    void include(SettingList part);

    auto begin() const { return settings_.begin(); }
    auto end() const { return settings_.end(); }
    /// Null where there is none.
    const Setting* find(std::string_view key) const;

    /// The fields as text, by key.
    Metadata to_metadata() const;
    /// Sets every field. Throws Error naming `file`, the key, what was got and what was expected.
    void from_metadata(const Metadata& metadata, std::string_view file) const;
    /// Throws Error("[where] key value, expected ...") for the first field that holds a value out of range.
    void validate(std::string_view where) const;

  private:
    std::vector<Setting> settings_;
};

}  // namespace io
