#include "musegan/study/profile_json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "io/file.hpp"
#include "musegan/study/profile_words.hpp"
#include "musegan/study/statistics.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

using Json = nlohmann::ordered_json;
using Settings = std::vector<std::pair<std::string, std::string>>;

Json settings_json(const Settings& settings) {
    Json json = Json::object();
    for (const auto& [name, value] : settings) json[name] = value;
    return json;
}

Json launch_json(const tensor::LaunchFacts& facts) {
    return {{"grid", facts.grid},
            {"block", facts.block},
            {"registers", facts.registers},
            {"shared_bytes", facts.shared_bytes},
            {"occupancy", facts.occupancy}};
}

Json caches_json(const tensor::Roofs& roofs) {
    Json json = Json::array();
    for (const tensor::CopyRate& copy : roofs.caches) json.push_back({{"bytes", copy.bytes}, {"gb_s", copy.gb_s}});
    return json;
}

Json row_json(const ProfileRow& row) {
    Json json{{"update", row.words.update}, {"phase", row.words.phase},
              {"layer", row.words.layer},   {"operation", row.words.operation},
              {"kernel", row.words.kernel}, {"calls", row.calls},
              {"flops", row.flops},         {"bytes", row.bytes},
              {"rounds_ms", row.rounds},    {"least_ms", row.least},
              {"most_ms", row.most}};
    if (!row.threads.empty()) json["threads_ms"] = row.threads;
    if (row.launch) json["launch"] = launch_json(*row.launch);
    return json;
}

/// critic_latency_ms, critic_host_ms and critic_device_ms, or the generator's, where they are known.
void write_alone(Json& json, const std::string& update, const AloneTimes& alone) {
    if (!alone.latency.empty()) json[update + "_latency_ms"] = alone.latency;
    if (!alone.host.empty()) json[update + "_host_ms"] = alone.host;
    if (!alone.device.empty()) json[update + "_device_ms"] = alone.device;
}

Json summary_json(const Profile& profile) {
    double floor = 0;
    for (const ProfileRow& row : profile.rows) floor += profile.floor_of(row).milliseconds;
    const PenaltyCost penalty = penalty_cost(profile);
    return {{"critic_ms", median(profile.critic_ms)},
            {"generator_ms", median(profile.generator_ms)},
            {"parts_ms", profile.busy()},
            {"floor_ms", floor},
            {"penalty_ms", penalty.total()},
            {"penalty_share", penalty.share()},
            {"penalty_in_plain_backwards", penalty.multiple()}};
}

/// Reads fields of an object, naming what is wrong by its path.
class Fields {
  public:
    Fields(const Json& json, std::string_view file, std::string name)
        : json_(json), file_(file), name_(std::move(name)) {
        if (!json.is_object()) fail("an object");
    }

    std::string text(const char* key) const {
        const Json& value = at(key);
        if (!value.is_string()) wrong(key, "text");
        return value.get<std::string>();
    }
    /// Not negative, not infinite.
    double number(const char* key) const { return number(at(key), key); }
    std::int64_t whole(const char* key) const {
        const Json& value = at(key);
        constexpr std::int64_t most = std::int64_t{1} << 53;  // what every reader of JSON keeps
        if (!value.is_number_integer() || value.get<std::int64_t>() < 0 || value.get<std::int64_t>() > most)
            wrong(key, "a whole number from 0 to 2^53");
        return value.get<std::int64_t>();
    }
    bool boolean(const char* key) const {
        const Json& value = at(key);
        if (!value.is_boolean()) wrong(key, "true or false");
        return value.get<bool>();
    }
    std::vector<double> numbers(const char* key) const {
        const Json& value = at(key);
        if (!value.is_array()) wrong(key, "a list of numbers");
        std::vector<double> list;
        for (const Json& each : value) list.push_back(number(each, key));
        return list;
    }
    Settings settings(const char* key) const {
        const Fields inside = object(key);
        Settings list;
        for (const auto& [name, value] : inside.json_.items()) list.emplace_back(name, inside.text(name.c_str()));
        return list;
    }
    Fields object(const char* key) const { return {at(key), file_, path(key)}; }
    std::vector<Fields> objects(const char* key) const {
        const Json& value = at(key);
        if (!value.is_array()) wrong(key, "a list");
        std::vector<Fields> list;
        for (std::size_t k = 0; k < value.size(); ++k)
            list.emplace_back(value[k], file_, fmt::format("{}[{}]", path(key), k));
        return list;
    }
    const Json& at(const char* key) const {
        const auto found = json_.find(key);
        if (found == json_.end()) tensor::fail(file_, "{} is missing", path(key));
        return *found;
    }
    bool has(const char* key) const { return json_.contains(key); }
    [[noreturn]] void wrong(const char* key, const char* expected) const {
        tensor::fail(file_, "{} is {}, expected {}", path(key), at(key).type_name(), expected);
    }

  private:
    std::string path(const char* key) const { return name_.empty() ? key : name_ + "." + key; }
    [[noreturn]] void fail(const char* expected) const {
        tensor::fail(file_, "{} is {}, expected {}", name_.empty() ? "the file" : name_, json_.type_name(), expected);
    }
    double number(const Json& value, const char* key) const {
        if (!value.is_number() || !std::isfinite(value.get<double>()) || value.get<double>() < 0)
            tensor::fail(file_, "{} holds '{}', expected a number of at least 0", path(key),
                         value.dump().substr(0, 40));
        return value.get<double>();
    }

    const Json& json_;
    std::string_view file_;
    std::string name_;
};

std::array<unsigned, 3> extents(const Fields& fields, const char* key) {
    const std::vector<double> numbers = fields.numbers(key);
    if (numbers.size() != 3) fields.wrong(key, "a list of three numbers");
    std::array<unsigned, 3> result{};
    for (std::size_t k = 0; k < 3; ++k) {
        if (numbers[k] > 4294967295.0) fields.wrong(key, "a list of numbers below 2^32");
        result[k] = static_cast<unsigned>(numbers[k]);
    }
    return result;
}

tensor::LaunchFacts read_launch(const Fields& fields) {
    return {.grid = extents(fields, "grid"),
            .block = extents(fields, "block"),
            .registers = static_cast<int>(std::min<std::int64_t>(fields.whole("registers"), 1 << 30)),
            .shared_bytes = fields.whole("shared_bytes"),
            .occupancy = fields.number("occupancy")};
}

std::vector<tensor::CopyRate> read_caches(const Fields& roofs) {
    std::vector<tensor::CopyRate> caches;
    for (const Fields& copy : roofs.objects("caches")) caches.push_back({copy.number("bytes"), copy.number("gb_s")});
    return caches;
}

ProfileRow read_row(const Fields& fields, std::size_t rounds) {
    ProfileRow row{.words = {.update = fields.text("update"),
                             .phase = fields.text("phase"),
                             .layer = fields.text("layer"),
                             .operation = fields.text("operation"),
                             .kernel = fields.text("kernel")},
                   .calls = fields.whole("calls"),
                   .flops = fields.number("flops"),
                   .bytes = fields.number("bytes"),
                   .rounds = fields.numbers("rounds_ms"),
                   .least = fields.number("least_ms"),
                   .most = fields.number("most_ms")};
    if (row.rounds.size() != rounds) fields.wrong("rounds_ms", "as many numbers as critic_ms has");
    if (fields.has("threads_ms")) row.threads = fields.numbers("threads_ms");
    if (fields.has("launch")) row.launch = read_launch(fields.object("launch"));
    return row;
}

AloneTimes read_alone(const Fields& fields, const std::string& update) {
    const auto list = [&](const char* name) {
        const std::string key = update + name;
        return fields.has(key.c_str()) ? fields.numbers(key.c_str()) : std::vector<double>{};
    };
    return {.latency = list("_latency_ms"), .host = list("_host_ms"), .device = list("_device_ms")};
}

void require_version(const Fields& fields, std::string_view where) {
    if (!fields.has("format") || !fields.at("format").is_string() || fields.text("format") != "musegan profile")
        tensor::fail(where, "is no profile of musegan, expected what `musegan profile --json` writes");
    if (const std::int64_t version = fields.whole("version"); version != profile_version)
        tensor::fail(where, "a profile of version {}, expected {}: measure it again with this program", version,
                     profile_version);
}

void require_rounds(const Fields& fields, const Profile& profile) {
    const std::size_t rounds = profile.critic_ms.size();
    if (rounds == 0) fields.wrong("critic_ms", "a number per round, of at least one round");
    constexpr const char* expected = "as many numbers as critic_ms has";
    if (profile.observed_critic_ms.size() != rounds) fields.wrong("observed_critic_ms", expected);
    if (!profile.generator_ms.empty() && profile.generator_ms.size() != rounds) fields.wrong("generator_ms", expected);
    if (profile.observed_generator_ms.size() != profile.generator_ms.size())
        fields.wrong("observed_generator_ms", "as many numbers as generator_ms has");
}

}  // namespace

std::string profile_json(const Profile& profile) {
    const tensor::Roofs& roofs = profile.roofs;
    const MemoryUse& memory = profile.memory;
    Json json{{"format", "musegan profile"},
              {"version", profile_version},
              {"machine", profile.machine},
              {"device", profile.device},
              {"precision", profile.precision},
              {"clock", profile.clock},
              {"note", profile.note},
              {"threads", profile.threads},
              {"work", settings_json(profile.work)},
              {"how", settings_json(profile.how)},
              {"batch", profile.batch},
              {"critic_steps", profile.critic_steps},
              {"has_penalty", profile.has_penalty},
              {"forward_flops", profile.forward_flops},
              {"roofs",
               {{"f32_gflops", roofs.f32_gflops},
                {"tf32_gflops", roofs.tf32_gflops},
                {"bf16_gflops", roofs.bf16_gflops},
                {"copy_gb_s", roofs.copy_gb_s},
                {"caches", caches_json(roofs)},
                {"start_ms", roofs.start_ms}}},
              {"critic_ms", profile.critic_ms},
              {"generator_ms", profile.generator_ms},
              {"observed_critic_ms", profile.observed_critic_ms},
              {"observed_generator_ms", profile.observed_generator_ms}};
    write_alone(json, "critic", profile.critic_alone);
    write_alone(json, "generator", profile.generator_alone);
    if (profile.idle_share) json["idle_share"] = *profile.idle_share;
    json["memory"] = {{"weights", memory.weights}, {"moments", memory.moments},
                      {"data", memory.data},       {"activations", memory.activations},
                      {"masks", memory.masks},     {"workspace", memory.workspace}};
    json["summary"] = summary_json(profile);
    json["rows"] = Json::array();
    for (const ProfileRow& row : profile.rows) json["rows"].push_back(row_json(row));
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

Profile parse_profile(std::string_view text, std::string_view where) {
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) tensor::fail(where, "is no JSON, expected what `musegan profile --json` writes");
    const Fields fields(json, where, "");
    require_version(fields, where);
    const Fields roofs = fields.object("roofs"), memory = fields.object("memory");
    Profile profile{.machine = fields.text("machine"),
                    .device = fields.text("device"),
                    .precision = fields.text("precision"),
                    .clock = fields.text("clock"),
                    .note = fields.text("note"),
                    .threads = static_cast<int>(std::min<std::int64_t>(fields.whole("threads"), 1 << 20)),
                    .work = fields.settings("work"),
                    .how = fields.settings("how"),
                    .forward_flops = fields.number("forward_flops"),
                    .has_penalty = fields.boolean("has_penalty"),
                    .batch = fields.whole("batch"),
                    .critic_steps = fields.whole("critic_steps"),
                    .roofs = {.f32_gflops = roofs.number("f32_gflops"),
                              .tf32_gflops = roofs.number("tf32_gflops"),
                              .bf16_gflops = roofs.has("bf16_gflops") ? roofs.number("bf16_gflops") : 0,
                              .copy_gb_s = roofs.number("copy_gb_s"),
                              .caches = read_caches(roofs),
                              .start_ms = roofs.number("start_ms")},
                    .critic_ms = fields.numbers("critic_ms"),
                    .generator_ms = fields.numbers("generator_ms"),
                    .observed_critic_ms = fields.numbers("observed_critic_ms"),
                    .observed_generator_ms = fields.numbers("observed_generator_ms"),
                    .critic_alone = read_alone(fields, "critic"),
                    .generator_alone = read_alone(fields, "generator"),
                    .memory = {.weights = memory.whole("weights"),
                               .moments = memory.whole("moments"),
                               .data = memory.whole("data"),
                               .activations = memory.whole("activations"),
                               .masks = memory.whole("masks"),
                               .workspace = memory.whole("workspace")}};
    require_rounds(fields, profile);
    if (fields.has("idle_share")) profile.idle_share = fields.number("idle_share");
    for (const Fields& row : fields.objects("rows")) profile.rows.push_back(read_row(row, profile.critic_ms.size()));
    sort_rows(profile.rows);
    return profile;
}

Profile read_profile(const std::filesystem::path& path) {
    constexpr std::int64_t most = std::int64_t{256} << 20;
    const std::vector<std::uint8_t> bytes = io::read_file(path, most);
    return parse_profile({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

}  // namespace musegan
