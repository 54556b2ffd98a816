// Settings said once: a struct lists its fields as a SettingList (key, values that are allowed, what it means), and
// everything that reads or writes settings follows from that list: the metadata of a file, the comparison of two files,
// the range checks, the options of the command line and their help. The list of a struct is the function
//     io::SettingList settings_of(Options& options);
// in the struct's own namespace.
#pragma once

#include <charconv>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "io/metadata.hpp"
#include "tensor/enum_names.hpp"
#include "tensor/error.hpp"
#include "tensor/precision.hpp"

namespace io {

/// One field of a struct, by reference: the struct must outlive it.
struct Setting {
    enum class Kind {
        text,       ///< a name out of a few, or any other text
        number,     ///< an integer or a double
        yes_or_no,  ///< its option may stand bare where the default is no
    };
    std::string key{};       ///< "critic_steps"
    std::string expected{};  ///< the values that it takes: "1 to 10000", "constant or 2017"
    std::string help{};      ///< what it means, for the command line
    std::string option{};    ///< "--critic-steps"; empty for a field that no user sets by hand
    Kind kind = Kind::text;
    bool whole = false;                    ///< of a number: an integer
    bool may_be_missing = false;           ///< older files say nothing of it, and mean what the struct holds by itself
    std::function<std::string()> text{};   ///< the field as text, which `assign` takes back exactly
    std::function<std::string()> shown{};  ///< how messages show it, where its text is long; by default its text
    std::function<bool(const std::string&)> assign{};  ///< sets the field, in range or not; false for what is no value
    std::function<bool()> is_valid{};                  ///< whether the field holds a value that is allowed

    /// Sets the field. False, changing nothing, for text that is no value or one that is not allowed.
    bool parse(const std::string& value) const;
    /// Why parse() refuses a text: "'5.0' is no whole number, expected 1 to 100", "'200', expected 1 to 100".
    std::string fault(std::string_view value) const;
    /// The same. Throws Error("[where] key is 'text', expected ...") instead.
    void set(const std::string& value, std::string_view where) const;
};

/// The number that a text is, as SettingList::number says; no value for any other text.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
    if (std::is_unsigned_v<Number> && text == "-0") return Number{};
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number == 0 ? Number{} : number;
}

/// Numbers from `least` to `most`, without the ends that are left out.
template <typename Number>
struct Range {
    Number least, most;
    bool without_least = false, without_most = false;

    /// False for NaN.
    bool contains(Number value) const {
        return (without_least ? value > least : value >= least) && (without_most ? value < most : value <= most);
    }
    std::string to_string() const {
        if (std::is_floating_point_v<Number> && most == std::numeric_limits<Number>::max())
            return fmt::format("{} or more", least);
        if (without_least) return fmt::format("more than {} and at most {}", least, most);
        return fmt::format("{} to {}{}", least, without_most ? "less than " : "", most);
    }
};
template <typename Number>
constexpr Range<Number> at_least(Number least) {
    return {least, std::numeric_limits<Number>::max()};
}
/// The least one left out.
template <typename Number>
constexpr Range<Number> above(Number least, Number most) {
    return {least, most, true, false};
}
/// The greatest one left out.
template <typename Number>
constexpr Range<Number> below(Number least, Number most) {
    return {least, most, false, true};
}

class SettingList {
  public:
    // Each returns the setting, with an option named like its key, to be adapted where that does not fit.

    /// An integer or a double. Text is a number in base ten and nothing else: digits, a minus sign in front of a
    /// negative one, and for a double a point and an exponent (1e-4). No plus sign, no blanks, no separators, no other
    /// base; an integer has no point. What no double holds, as 1e400, is out of range; -0 is 0.
    template <typename Number>
    Setting& number(std::string key, Number& value, Range<Number> range, std::string help) {
        return add({.key = std::move(key),
                    .expected = range.to_string(),
                    .help = std::move(help),
                    .kind = Setting::Kind::number,
                    .whole = std::is_integral_v<Number>,
                    .text = [&value] { return fmt::format("{}", value); },
                    .assign =
                        [&value](const std::string& text) {
                            const auto number = parse_number<Number>(text);
                            if (number) value = *number;
                            return number.has_value();
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
                    .assign =
                        [&value](const std::string& text) {
                            const auto named = tensor::find_name<Enum>(text);
                            if (named) value = *named;
                            return named.has_value();
                        },
                    .is_valid = [] { return true; }});
    }

    /// "yes" or "no".
    Setting& yes_or_no(std::string key, bool& value, std::string help);
    /// The precision of products: several structs have one.
    Setting& precision(tensor::Precision& value);
    /// Any other field. An option that is given stays as it is.
    Setting& add(Setting setting);
    /// The settings of a part of the struct.
    void include(SettingList part);
    /// Older files say nothing of any of these.
    SettingList& may_be_missing();

    auto begin() const { return settings_.begin(); }
    auto end() const { return settings_.end(); }
    /// Null where there is none.
    const Setting* find(std::string_view key) const;

    /// The fields as text, by key.
    Metadata to_metadata() const;
    /// Sets every field that the file says, and leaves one that may be missing and is. Throws Error naming `file`, the
    /// key, what was got and what was expected.
    void from_metadata(const Metadata& metadata, std::string_view file) const;
    /// Throws Error("[where] key value, expected ...") for the first field that holds a value out of range.
    void validate(std::string_view where) const;

  private:
    std::vector<Setting> settings_;
};

/// SettingList::validate of a struct's own list.
template <typename Options>
void validate(Options options, std::string_view where) {
    settings_of(options).validate(where);
}

}  // namespace io
