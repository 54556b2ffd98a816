#include "musegan/evaluation/evaluation_reader.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "io/file.hpp"
#include "io/settings.hpp"
#include "musegan/evaluation/evaluation_json.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

using Json = nlohmann::json;

constexpr int deepest = 16;
constexpr std::size_t most_sets = 256, longest_text = 4096;
constexpr double most_counted = 9007199254740992.0;  // 2^53, what every reader of JSON keeps

/// Throws Error for what is no JSON, or nested more deeply than any evaluation.
Json json_of(std::string_view text, std::string_view where) {
    const auto look = [&](int depth, Json::parse_event_t, Json&) {
        if (depth > deepest) tensor::fail(where, "is nested more than {} deep, expected an evaluation", deepest);
        return true;
    };
    Json json = Json::parse(text, look, false);
    if (json.is_discarded()) tensor::fail(where, "is no JSON, expected what `musegan evaluate --json` writes");
    return json;
}

/// The sets of one file.
class Reader {
  public:
    explicit Reader(std::string_view where) : where_(where) {}

    std::string text(const Json& object, const char* key) const {
        const Json& value = at(object, key);
        if (!value.is_string()) wrong(key, value, "a text");
        const auto& text = value.get_ref<const std::string&>();
        if (text.size() > longest_text) wrong(key, value, fmt::format("at most {} bytes", longest_text));
        return text;
    }
    std::int64_t whole(const Json& object, const char* key) const {
        const double value = number(at(object, key), key);
        if (!(value >= 0 && value <= most_counted && value == std::floor(value)))
            wrong(key, object.at(key), "a whole number from 0 to 2^53");
        return static_cast<std::int64_t>(value);
    }
    ReadSet set(const Json& object, SetRole role) const {
        if (!object.is_object()) wrong("a set", object, "an object");
        ReadSet set{.role = role,
                    .name = text(object, "name"),
                    .about = text(object, "about"),
                    .phrases = whole(object, "phrases")};
        set.values = metrics(object);
        if (object.contains("counts")) set.counts = metrics(object.at("counts"));
        if (object.contains("errors")) set.errors = metrics(object.at("errors"));
        if (object.contains("copying")) set.copying = copying(object.at("copying"));
        return set;
    }
    MetricOptions options(const Json& object) const {
        MetricOptions options;
        if (!object.is_object()) wrong("options", object, "an object");
        for (const io::Setting& setting : settings_of(options)) {
            const auto value = object.find(setting.key);
            if (value == object.end()) continue;
            if (!value->is_string() && !value->is_number()) wrong(setting.key, *value, setting.expected);
            setting.set(value->is_string() ? value->get<std::string>() : value->dump(), where_);
        }
        return options;
    }
    [[noreturn]] void wrong(std::string_view key, const Json& value, std::string_view expected) const {
        tensor::fail(where_, "{} is {}, expected {}", key, value.type_name(), expected);
    }

  private:
    const Json& at(const Json& object, const char* key) const {
        const auto found = object.find(key);
        if (found == object.end()) tensor::fail(where_, "{} is missing", key);
        return *found;
    }
    ReadCopying copying(const Json& object) const {
        if (!object.is_object()) wrong("copying", object, "an object");
        const auto value = [&](const char* key) { return number(at(object, key), key); };
        return {whole(object, "looked_at"), value("almost_same_below"), value("share"), value("median")};
    }
    double number(const Json& value, std::string_view key) const {
        if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
        if (!value.is_number()) wrong(key, value, "a number or null");
        return value.get<double>();
    }
    /// "tracks.bass.EB" is the value at these names, one inside the other; null pointer where there is none.
    const Json* find(const Json& tree, std::string_view key) const {
        if (!tree.is_object()) return nullptr;
        const std::size_t point = key.find('.');
        const auto found = tree.find(std::string(key.substr(0, point)));
        if (found == tree.end()) return nullptr;
        return point == std::string_view::npos ? &*found : find(*found, key.substr(point + 1));
    }
    std::map<std::string, double> metrics(const Json& tree) const {
        std::map<std::string, double> values;
        for (const Metric& metric : metric_list())
            if (const Json* const value = find(tree, metric.key)) values[metric.key] = number(*value, metric.key);
        return values;
    }

    std::string_view where_;
};

void require_version(const Json& json, const Reader& reader, std::string_view where) {
    const auto format = json.is_object() ? json.find("format") : json.end();
    if (!json.is_object() || format == json.end() || *format != "musegan evaluation")
        tensor::fail(where, "is no evaluation of musegan, expected what `musegan evaluate --json` writes");
    if (const std::int64_t version = reader.whole(json, "version"); version != evaluation_version)
        tensor::fail(where, "an evaluation of version {}, expected {}: evaluate again with this program", version,
                     evaluation_version);
}

}  // namespace

ReadEvaluation parse_evaluation(std::string_view text, std::string_view where) {
    const Json json = json_of(text, where);
    const Reader reader(where);
    require_version(json, reader, where);
    ReadEvaluation evaluation;
    const std::int64_t grid = reader.whole(json, "grid");
    if (grid < 1 || grid > 1000) reader.wrong("grid", json.at("grid"), "steps per beat");
    evaluation.steps_per_beat = static_cast<int>(grid);
    if (json.contains("options")) evaluation.options = reader.options(json.at("options"));
    // Without a set of its own the file is that of the data.
    const bool has_data = json.contains("against");
    if (has_data) evaluation.sets.push_back(reader.set(json.at("against"), SetRole::data));
    if (json.contains("held_out")) evaluation.sets.push_back(reader.set(json.at("held_out"), SetRole::held_out));
    if (json.contains("shuffled")) evaluation.sets.push_back(reader.set(json.at("shuffled"), SetRole::shuffled));
    evaluation.sets.push_back(reader.set(json, SetRole::measured));
    if (!json.contains("more")) return evaluation;
    const Json& more = json.at("more");
    if (!more.is_array()) reader.wrong("more", more, "a list of sets");
    if (more.size() > most_sets) tensor::fail(where, "{} sets, expected at most {}", more.size(), most_sets);
    for (const Json& set : more) evaluation.sets.push_back(reader.set(set, SetRole::measured));
    return evaluation;
}

ReadEvaluation read_evaluation(const std::filesystem::path& path) {
    constexpr std::int64_t most = std::int64_t{64} << 20;
    const std::vector<std::uint8_t> bytes = io::read_file(path, most);
    return parse_evaluation({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

}  // namespace musegan
