#include "io/toml.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "io/file.hpp"
#include "io/toml_check.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

using toml_detail::fail_at;

/// Turns the tree of toml++ into ours.
class Converter {
  public:
    explicit Converter(std::string_view name) : name_(name) {}

    /// toml++ keeps a table by the letters of its keys, with the place of each.
    TomlTable table(const toml::table& from) const {
        std::vector<std::pair<const toml::key*, const toml::node*>> found;
        for (const auto& [key, node] : from) found.emplace_back(&key, &node);
        std::ranges::sort(
            found, [](const auto& a, const auto& b) { return a.first->source().begin < b.first->source().begin; });
        TomlTable table{.entries = {}, .line = line_of(from)};
        table.entries.reserve(found.size());
        for (const auto& [key, node] : found)
            table.entries.push_back({std::string(key->str()), key->source().begin.line, value(*node)});
        return table;
    }

  private:
    static std::int64_t line_of(const toml::node& node) { return node.source().begin.line; }

    TomlValue value(const toml::node& from) const {
        TomlValue value{.content = {}, .line = line_of(from)};
        if (const auto* const text = from.as_string()) value.content = text->get();
        else if (const auto* const integer = from.as_integer()) value.content = integer->get();
        else if (const auto* const number = from.as_floating_point()) value.content = number->get();
        else if (const auto* const truth = from.as_boolean()) value.content = truth->get();
        else if (const toml::array* const list = from.as_array()) value.content = array(*list);
        else if (const toml::table* const entries = from.as_table()) value.content = table(*entries);
        else
            fail_at(name_, value.line,
                    "a date or a time, expected a string, a number, true or false, an array or a table");
        return value;
    }

    TomlArray array(const toml::array& from) const {
        TomlArray array;
        array.reserve(from.size());
        for (const toml::node& node : from) array.push_back(value(node));
        return array;
    }

    std::string_view name_;
};

}  // namespace

const TomlEntry* TomlTable::find(std::string_view key) const {
    const auto found = std::ranges::find(entries, key, &TomlEntry::key);
    return found == entries.end() ? nullptr : &*found;
}

std::string_view TomlValue::kind() const {
    constexpr std::array<std::string_view, std::variant_size_v<decltype(content)>> kinds{
        "a string", "an integer", "a number", "true or false", "an array", "a table"};
    return kinds[content.index()];
}

TomlTable parse_toml(std::string_view text, std::string_view name) {
    if (text.size() > static_cast<std::size_t>(max_toml_bytes))
        tensor::fail(name, "{} bytes, expected at most {}", text.size(), max_toml_bytes);
    toml_detail::check_toml(text, name);
    try {
        return Converter(name).table(toml::parse(text));
    } catch (const toml::parse_error& error) {
        fail_at(name, error.source().begin.line, "{}", error.description());
    }
}

TomlTable read_toml(const std::filesystem::path& path) {
    const std::vector<std::uint8_t> bytes = read_file(path, max_toml_bytes);
    return parse_toml({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

std::string toml_string(std::string_view text) {
    std::string json;
    try {
        json = nlohmann::json(text).dump();
    } catch (const nlohmann::json::exception&) {
        tensor::fail("toml", "a string is not UTF-8 (convert Latin-1 text first): {} bytes", text.size());
    }
    // A string of JSON is one of TOML, but for the one control character that JSON leaves as it is.
    std::string quoted;
    for (const char c : json) {
        if (c == '\x7f') quoted += "\\u007f";
        else quoted += c;
    }
    return quoted;
}

}  // namespace io
