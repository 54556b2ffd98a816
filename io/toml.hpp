// TOML, for files that people write: settings and descriptions. Every entry knows its line, so that what is wrong with
// it can be said with the place. The parser is toml++'s, behind these few types: toml.cpp alone includes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace io {

struct TomlValue;
struct TomlEntry;

using TomlArray = std::vector<TomlValue>;

struct TomlTable {
    std::vector<TomlEntry> entries;  ///< in the order of the file
    std::int64_t line = 1;           ///< of its header; where it has none, of the key that made it

    /// Null where there is none.
    const TomlEntry* find(std::string_view key) const;
};

struct TomlValue {
    std::variant<std::string, std::int64_t, double, bool, TomlArray, TomlTable> content;
    std::int64_t line = 1;  ///< where it begins, counted from 1

    /// Null for a value of another kind.
    template <typename Type>
    const Type* get() const {
        return std::get_if<Type>(&content);
    }
    /// For messages: "a string", "an integer", "a number", "true or false", "an array" or "a table".
    std::string_view kind() const;
};

struct TomlEntry {
    std::string key;
    std::int64_t line = 1;  ///< of the key
    TomlValue value;
};

constexpr std::int64_t max_toml_bytes = 1 << 20;
constexpr int max_toml_nesting = 16;  ///< values inside each other, and likewise the parts of a dotted key

/// The table of the whole file. Throws Error("[name:line] ...") for what is no TOML 1.0 in UTF-8, for a date or a time,
/// and for more nesting than `max_toml_nesting`; Error("[name] ...") for more than `max_toml_bytes`, and for damage
/// that toml++ itself stumbles over.
TomlTable parse_toml(std::string_view text, std::string_view name);

/// The same of a file, named by its path.
TomlTable read_toml(const std::filesystem::path& path);

/// `text` in quotes, escaped: parse_toml gives back the same bytes. Throws Error for what is not UTF-8, which TOML
/// cannot hold.
std::string toml_string(std::string_view text);

}  // namespace io
