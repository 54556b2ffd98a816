// Presets from TOML.
#include <algorithm>
#include <cmath>

#include "io/nearest_name.hpp"
#include "musegan/networks/preset_fields.hpp"
#include "musegan/phrase/phrase_shape.hpp"
#include "tensor/enum_names.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

using preset_detail::visit_fields;

constexpr std::size_t most_rows = 64, most_parts = 32, most_text = 64;

/// Reads the fields of one struct from one table, and refuses keys that no field has.
class Reader {
  public:
    Reader(const io::TomlTable& table, std::string_view file) : table_(table), file_(file) {}

    void operator()(const char* key, std::string& field) {
        if (const auto* const value = find(key)) field = text_of(key, *value);
    }
    void operator()(const char* key, bool& field) {
        if (const auto* const value = find(key)) field = as<bool>(key, *value, "true or false");
    }
    void operator()(const char* key, double& field) {
        const auto* const value = find(key);
        if (value == nullptr) return;
        const auto* const whole = value->get<std::int64_t>();
        field = whole != nullptr ? static_cast<double>(*whole) : as<double>(key, *value, "a number from 0 to 1");
        if (!(field >= 0.0 && field <= 1.0)) refuse(key, *value, fmt::format("{}", field), "a number from 0 to 1");
        field = std::abs(field);  // -0 is written as 0
    }
    template <tensor::NamedEnum Enum>
    void operator()(const char* key, Enum& field) {
        const auto* const value = find(key);
        if (value == nullptr) return;
        const std::string name = text_of(key, *value);
        const auto named = tensor::find_name<Enum>(name);
        if (!named) refuse(key, *value, fmt::format("'{}'", name), tensor::list_names<Enum>());
        field = *named;
    }
    void operator()(const char* key, Size& field, std::int64_t most) {
        if (const auto* const value = find(key)) field = size_of(key, *value, most);
    }
    void operator()(const char* key, Sizes& field, std::int64_t most) {
        const auto* const value = find(key);
        if (value == nullptr) return;
        const io::TomlArray& array = as<io::TomlArray>(key, *value, "three sizes: [time, pitch, track]");
        if (array.size() != field.size())
            refuse(key, *value, fmt::format("an array of {}", array.size()), "three sizes: [time, pitch, track]");
        for (std::size_t i = 0; i < field.size(); ++i) field[i] = size_of(key, array[i], most);
    }
    void operator()(const char* key, std::optional<Sizes>& field, std::int64_t most) {
        if (find(key) != nullptr) (*this)(key, field.emplace(), most);
    }
    void operator()(const char* key, std::vector<int>& field) {
        const auto* const value = find(key);
        if (value == nullptr) return;
        for (const io::TomlValue& entry : as<io::TomlArray>(key, *value, "an array of steps per beat")) {
            const auto grid = as<std::int64_t>(key, entry, "steps per beat");
            if (std::ranges::find(PhraseShape::grids, grid) == PhraseShape::grids.end())
                refuse(key, entry, fmt::format("{}", grid),
                       fmt::format("steps per beat: {}", fmt::join(PhraseShape::grids, ", ")));
            field.push_back(static_cast<int>(grid));
        }
    }
    void operator()(const char* key, std::vector<std::string>& field) {
        const auto* const value = find(key);
        if (value == nullptr) return;
        const io::TomlArray& array = as<io::TomlArray>(key, *value, "an array of names");
        require_count(key, *value, array.size(), most_parts);
        for (const io::TomlValue& entry : array) field.push_back(text_of(key, entry));
    }
    void operator()(const char* key, std::vector<PresetRow>& field) {
        read_structs(key, field, most_rows, "an array of rows: [{ channels = 16 }, ...]");
    }
    void operator()(const char* key, PresetNetwork& field) {
        read_structs(key, field, most_parts, fmt::format("parts: [[{}]]", key).c_str());
    }
    void operator()(const char* key, io::TomlTable& field) {
        if (const auto* const value = find(key)) field = as<io::TomlTable>(key, *value, "a table: [settings]");
    }

    /// Throws Error for a key that was not asked for.
    void refuse_others() const {
        for (const io::TomlEntry& entry : table_.entries) {
            if (std::ranges::find(known_, entry.key) != known_.end()) continue;
            const std::string near = io::nearest_name(entry.key, known_);
            fail(entry.line, fmt::format("unknown key '{}', expected one of {}{}", entry.key, fmt::join(known_, ", "),
                                         near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near)));
        }
    }

  private:
    const io::TomlValue* find(const char* key) {
        if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
        const io::TomlEntry* const entry = table_.find(key);
        return entry == nullptr ? nullptr : &entry->value;
    }
    [[noreturn]] void fail(std::int64_t line, const std::string& fact) const {
        tensor::fail(fmt::format("{}:{}", file_, line), "{}", fact);
    }
    [[noreturn]] void refuse(const char* key, const io::TomlValue& value, const std::string& got,
                             std::string_view expected) const {
        fail(value.line, fmt::format("{} is {}, expected {}", key, got, expected));
    }
    template <typename T>
    const T& as(const char* key, const io::TomlValue& value, std::string_view expected) const {
        if (const T* const held = value.get<T>()) return *held;
        refuse(key, value, std::string(value.kind()), expected);
    }
    const std::string& text_of(const char* key, const io::TomlValue& value) const {
        const std::string& text = as<std::string>(key, value, "a text");
        const bool is_about = std::string_view(key) == "about";
        const bool printable = std::ranges::none_of(text, [](unsigned char c) { return c < 32 || c == 127; });
        if (!printable || text.size() > (is_about ? 16 : 1) * most_text)
            refuse(key, value, "a text with control characters, or a long one",
                   fmt::format("at most {} printable characters", (is_about ? 16 : 1) * most_text));
        return text;
    }
    Size size_of(const char* key, const io::TomlValue& value, std::int64_t most) const {
        const std::string expected =
            fmt::format("a number from 1 to {}, or one of \"{}\"", most, fmt::join(enum_names(Measure{}), "\", \""));
        if (const auto* const name = value.get<std::string>()) {
            const auto measure = tensor::find_name<Measure>(*name);
            if (!measure) refuse(key, value, fmt::format("'{}'", name->substr(0, most_text)), expected);
            return {1, measure};
        }
        const auto number = as<std::int64_t>(key, value, expected);
        if (number < 1 || number > most) refuse(key, value, fmt::format("{}", number), expected);
        return {number, {}};
    }
    void require_count(const char* key, const io::TomlValue& value, std::size_t count, std::size_t most) const {
        if (count > most) refuse(key, value, fmt::format("{} entries", count), fmt::format("at most {}", most));
    }
    template <typename Struct>
    void read_structs(const char* key, std::vector<Struct>& field, std::size_t most, const char* expected) {
        const auto* const value = find(key);
        if (value == nullptr) return;
        const io::TomlArray& array = as<io::TomlArray>(key, *value, expected);
        require_count(key, *value, array.size(), most);
        for (const io::TomlValue& entry : array) {
            Reader inner(as<io::TomlTable>(key, entry, expected), file_);
            Struct& added = field.emplace_back();
            visit_fields(added, inner);
            inner.refuse_others();
            added.line.number = entry.line;
            // Names of parameters are put together of these, with a '.' between them.
            if (added.name.find('.') != std::string::npos)
                fail(entry.line, fmt::format("name is '{}', expected one without a '.'", added.name));
        }
    }

    const io::TomlTable& table_;
    std::string_view file_;
    std::vector<std::string> known_{};
};

void require_whole(const Preset& preset) {
    const auto need = [&](bool there, const char* what) {
        if (!there) tensor::fail(preset.file, "no {}, expected it of a preset", what);
    };
    need(!preset.name.empty(), "name");
    need(!preset.grids.empty(), "grids");
    need(!preset.generator.empty(), "[[generator]]");
    need(!preset.critic.empty(), "[[critic]]");
    if (preset.makes == Makes::bars) need(!preset.temporal.empty(), "[[temporal]] (it makes bars)");
    else if (!preset.temporal.empty())
        tensor::fail(fmt::format("{}:{}", preset.file, preset.temporal.front().line.number),
                     "a G_temp, expected none: the generator makes whole phrases (makes = \"bars\" has one)");
}

Preset preset_of(const io::TomlTable& table, std::string_view file) {
    Preset preset;
    preset.file = file;
    Reader reader(table, file);
    visit_fields(preset, reader);
    reader.refuse_others();
    require_whole(preset);
    return preset;
}

}  // namespace

Preset parse_preset(std::string_view text, std::string_view file) {
    return preset_of(io::parse_toml(text, file), file);
}

Preset read_preset(const std::filesystem::path& file) { return preset_of(io::read_toml(file), file.string()); }

}  // namespace musegan
