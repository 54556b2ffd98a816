// Presets as TOML, and what is asked of them as values.
#include "musegan/networks/preset_fields.hpp"
#include "tensor/enum_names.hpp"

namespace musegan {

namespace {

using preset_detail::visit_fields;

/// Writes the fields that differ from those of a struct by itself: "key = value", joined.
template <typename Struct>
class Writer {
  public:
    std::vector<std::string> entries{};

    explicit Writer(const Struct& shown) : shown_(shown) {}
    template <typename Field>
    void operator()(const char* key, const Field& field, std::int64_t = 0) {
        add(key, field);
    }

  private:
    void add(const char* key, const std::string& text) {
        if (!text.empty()) put(key, io::toml_string(text));
    }
    void add(const char* key, bool value) {
        if (value) put(key, "true");
    }
    void add(const char* key, double value) {
        if constexpr (std::is_same_v<Struct, PresetRow>)
            if (shown_.activation == layers::Activation::leaky_relu || value != Struct{}.slope)
                put(key, fmt::format("{}", value));
    }
    template <tensor::NamedEnum Enum>
    void add(const char* key, Enum value) {
        if (value != Enum{}) put(key, io::toml_string(tensor::name_of(value)));
    }
    void add(const char* key, const Size& size) {
        if constexpr (std::is_same_v<Struct, PresetRow>)
            if (shown_.kind != layers::LayerKind::none || size != Size{}) put(key, text_of(size));
    }
    void add(const char* key, const Sizes& sizes) {
        if (sizes != Sizes{}) put(key, text_of(sizes));
    }
    void add(const char* key, const std::optional<Sizes>& sizes) {
        if (sizes) put(key, text_of(*sizes));
    }
    void add(const char* key, const std::vector<int>& numbers) {
        if (!numbers.empty()) put(key, fmt::format("[{}]", fmt::join(numbers, ", ")));
    }
    void add(const char* key, const std::vector<std::string>& names) {
        if (names.empty()) return;
        std::string list;
        for (const std::string& name : names) list += (list.empty() ? "" : ", ") + io::toml_string(name);
        put(key, "[" + list + "]");
    }
    void add(const char* key, const std::vector<PresetRow>& rows) {
        std::string list = "[\n";
        for (const PresetRow& row : rows) {
            Writer<PresetRow> inner(row);
            visit_fields(row, inner);
            list += fmt::format("    {{ {} }},\n", fmt::join(inner.entries, ", "));
        }
        put(key, list + "]");
    }

    static std::string text_of(const Size& size) {
        return size.measure ? io::toml_string(tensor::name_of(*size.measure)) : fmt::format("{}", size.number);
    }
    static std::string text_of(const Sizes& sizes) {
        return fmt::format("[{}, {}, {}]", text_of(sizes[0]), text_of(sizes[1]), text_of(sizes[2]));
    }
    void put(const char* key, const std::string& value) { entries.push_back(fmt::format("{} = {}", key, value)); }

    const Struct& shown_;
};

/// Writes the head of a preset, and its networks behind.
class PresetWriter {
  public:
    explicit PresetWriter(std::string_view settings) : settings_(settings) {}

    void operator()(const char* key, const std::string& field) {
        if (!field.empty()) text += fmt::format("{} = {}\n", key, io::toml_string(field));
    }
    void operator()(const char* key, Makes field) { (*this)(key, std::string(tensor::name_of(field))); }
    void operator()(const char* key, const std::vector<int>& field) {
        text += fmt::format("{} = [{}]\n", key, fmt::join(field, ", "));
    }
    void operator()(const char* key, const io::TomlTable&) {
        if (!settings_.empty()) text += fmt::format("\n[{}]\n{}", key, settings_);
    }
    void operator()(const char* key, const PresetNetwork& field) {
        for (const PresetPart& part : field) {
            Writer<PresetPart> writer(part);
            visit_fields(part, writer);
            text += fmt::format("\n[[{}]]\n{}\n", key, fmt::join(writer.entries, "\n"));
        }
    }
    std::string text{};

  private:
    std::string_view settings_;
};

}  // namespace

bool Preset::operator==(const Preset& other) const {
    return name == other.name && about == other.about && makes == other.makes && grids == other.grids &&
           generator == other.generator && temporal == other.temporal && encoder == other.encoder &&
           refiner == other.refiner && critic == other.critic;
}

std::string Preset::place(const Line& line) const { return fmt::format("{}:{}", file, line.number); }

std::string preset_toml(const Preset& preset, std::string_view settings) {
    PresetWriter writer(settings);
    visit_fields(preset, writer);
    return writer.text;
}

}  // namespace musegan
