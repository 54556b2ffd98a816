#include "musegan/pages/profile_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "musegan/pages/page.hpp"
#include "musegan/study/statistics.hpp"
#include "tensor/enum_names.hpp"
#include "tensor/precision.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

using Json = nlohmann::ordered_json;

/// Whole nanoseconds: more digits would say nothing and make the page longer.
double rounded(double milliseconds) { return std::round(milliseconds * 1e6) * 1e-6; }

/// "1.23 ms", "123 ms", "4.56 s": three digits that count.
std::string time_text(double milliseconds) {
    const bool is_long = milliseconds >= 1000;
    const double value = is_long ? milliseconds / 1000 : milliseconds;
    return fmt::format("{:.{}f} {}", value, value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0, is_long ? "s" : "ms");
}

std::string percent_text(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string rate_text(double gflops) {
    return gflops >= 2000 ? fmt::format("{:.1f} TFLOP/s", gflops / 1000) : fmt::format("{:.0f} GFLOP/s", gflops);
}

/// Whether launches have names of their own; on a CPU they have those of the operators.
bool has_kernels(const Profile& profile) {
    return std::ranges::any_of(profile.rows,
                               [](const ProfileRow& row) { return row.words.kernel != row.words.operation; });
}

Json json_of(const ProfileWords& words) {
    return {{"update", words.update},
            {"phase", words.phase},
            {"layer", words.layer},
            {"operator", words.operation},
            {"kernel", words.kernel}};
}

Json json_of(const ProfileRow& row, const Profile& profile) {
    Json object = json_of(row.words);
    object.update({{"calls", row.calls},
                   {"ms", rounded(row.milliseconds())},
                   {"share", row.milliseconds() / profile.busy()},
                   {"mean", rounded(row.mean())},
                   {"least", rounded(row.least)},
                   {"most", rounded(row.most)},
                   {"gflop", row.flops * 1e-9},
                   {"mb", row.bytes * 1e-6},
                   {"gflops", row.gflops()},
                   {"gbs", row.gb_s()},
                   {"intensity", row.intensity()},
                   {"ofBound", profile.share_of_bound(row)},
                   {"bound", name_of(profile.floor_of(row).bound)}});
    if (!row.threads.empty()) object["threads"] = row.busy_threads();
    if (row.launch)
        object["launch"] = {{"registers", row.launch->registers},
                            {"shared", row.launch->shared_bytes},
                            {"occupancy", row.launch->occupancy}};
    return object;
}

Json groupings_of(const Profile& profile) {
    Json groupings = Json::object();
    constexpr auto names = enum_names(ProfileGrouping{});
    for (std::size_t k = 0; k < names.size(); ++k) {
        const auto grouping = static_cast<ProfileGrouping>(k);
        if (grouping == ProfileGrouping::kernel && !has_kernels(profile)) continue;
        Json rows = Json::array();
        for (const ProfileRow& row : group_rows(profile, grouping)) rows.push_back(json_of(row, profile));
        groupings[names[k]] = std::move(rows);
    }
    return groupings;
}

/// A level of the tree: what is told apart, and by which word.
struct Level {
    ProfileGrouping grouping;
    std::string ProfileWords::*word;
};

/// The rows joined by the first level, and in each of them what it joins by the next.
Json branches(const Profile& profile, const std::vector<ProfileRow>& rows, std::span<const Level> levels) {
    Json nodes = Json::array();
    if (levels.empty()) return nodes;
    const auto [grouping, word] = levels.front();
    for (const ProfileRow& joined : group_rows(rows, grouping)) {
        std::vector<ProfileRow> within;
        // `grouping` alone says which rows are in this one.
        std::ranges::copy_if(rows, std::back_inserter(within), [&, grouping = grouping](const ProfileRow& row) {
            return group_rows({row}, grouping).front().words == joined.words;
        });
        nodes.push_back({{"name", joined.words.*word},
                         {"update", joined.words.update},
                         {"calls", joined.calls},
                         {"ms", rounded(joined.milliseconds())},
                         {"share", joined.milliseconds() / profile.busy()},
                         {"parts", branches(profile, within, levels.subspan(1))}});
    }
    return nodes;
}

Json tree_of(const Profile& profile) {
    const Level levels[]{
        {ProfileGrouping::layer, &ProfileWords::layer},
        {ProfileGrouping::phase, &ProfileWords::phase},
        has_kernels(profile) ? Level{ProfileGrouping::kernel, &ProfileWords::kernel}
                             : Level{ProfileGrouping::operation, &ProfileWords::operation},
    };
    return branches(profile, profile.rows, levels);
}

/// Spans as [words, start, milliseconds, facts], where the first and the last are places in lists without repetitions.
Json timeline_of(const Profile& profile) {
    Json words = Json::array(), facts = Json::array(), spans = Json::array();
    std::map<ProfileWords, std::size_t> place_of_words;
    std::map<std::pair<double, double>, std::size_t> place_of_facts;
    for (const ProfileSpan& span : profile.timeline) {
        const auto [word, is_new_word] = place_of_words.emplace(span.words, words.size());
        if (is_new_word) words.push_back(json_of(span.words));
        const auto [fact, is_new_fact] = place_of_facts.emplace(std::pair(span.flops, span.bytes), facts.size());
        if (is_new_fact) {
            const Floor floor =
                profile.floor_of({.words = span.words, .calls = 1, .flops = span.flops, .bytes = span.bytes});
            facts.push_back({{"gflop", span.flops * 1e-9},
                             {"mb", span.bytes * 1e-6},
                             {"intensity", span.bytes > 0 ? span.flops / span.bytes : 0},
                             {"floor", floor.milliseconds},
                             {"bound", name_of(floor.bound)}});
        }
        spans.push_back({word->second, rounded(span.start), rounded(span.milliseconds), fact->second});
    }
    return {{"words", words}, {"facts", facts}, {"spans", spans}};
}

Json memory_of(const MemoryUse& memory) {
    const std::pair<const char*, std::int64_t> parts[]{
        {"weights", memory.weights}, {"moments of Adam", memory.moments},
        {"data", memory.data},       {"activations", memory.activations},
        {"masks", memory.masks},     {"workspace", memory.workspace},
    };
    Json list = Json::array();
    for (const auto& [name, bytes] : parts) list.push_back({{"name", name}, {"bytes", bytes}});
    return list;
}

Json data_of(const Profile& profile) {
    const tensor::Roofs& roofs = profile.roofs;
    Json caches = Json::array();
    for (const tensor::CopyRate& cache : roofs.caches) caches.push_back({{"bytes", cache.bytes}, {"rate", cache.gb_s}});
    Json products = Json::object();
    for (const tensor::Precision each : tensor::every_precision) products[name_of(each)] = roofs.measured_gflops(each);
    return {{"roofs",
             {{"precision", profile.precision},
              {"gflops", profile.product_gflops()},
              {"products", products},
              {"copy", roofs.copy_gb_s},
              {"caches", caches}}},
            {"groupings", groupings_of(profile)},
            {"tree", tree_of(profile)},
            {"timeline", timeline_of(profile)},
            {"memory", memory_of(profile.memory)}};
}

std::vector<PageFact> figures_of(const Profile& profile) {
    const double critic = median(profile.critic_ms), generator = median(profile.generator_ms);
    const double observed = median(profile.observed_critic_ms) + median(profile.observed_generator_ms);
    const double step = static_cast<double>(profile.critic_steps) * critic + generator;
    std::vector<PageFact> figures{{"A round", time_text(critic + generator), "one update of each network"},
                                  {"A critic update", time_text(critic), ""},
                                  {"A generator update", time_text(generator), ""},
                                  {"A step of training", time_text(step),
                                   fmt::format("{} critic {}, one generator update", profile.critic_steps,
                                               profile.critic_steps == 1 ? "update" : "updates")}};
    if (critic + generator > 0) {
        figures[1].note = fmt::format("{} of the round", percent_text(critic / (critic + generator)));
        figures[2].note = fmt::format("{} of the round", percent_text(generator / (critic + generator)));
    }
    if (profile.idle_share)
        figures.push_back({"Idle", percent_text(*profile.idle_share), "of a round the device did nothing"});
    else if (observed > 0)
        figures.push_back(
            {"In the rows", percent_text(profile.busy() / observed), "of the round while it was observed"});
    figures.push_back(
        {"Memory", tensor::bytes_text(static_cast<double>(profile.memory.total())), "of tensors, at most"});
    return figures;
}

std::vector<PageFact> settings_of(const Profile& profile) {
    const double critic = median(profile.critic_ms), generator = median(profile.generator_ms);
    const double observed = median(profile.observed_critic_ms) + median(profile.observed_generator_ms);
    std::vector<PageFact> facts{{"machine", profile.machine},
                                {"device", profile.device},
                                {"threads", fmt::format("{}", profile.threads)},
                                {"clock", profile.clock, profile.note},
                                {"rounds", fmt::format("{}", profile.observed_critic_ms.size())}};
    if (critic + generator > 0 && observed > 0)
        facts.push_back({"observing costs", percent_text(observed / (critic + generator) - 1)});
    facts.push_back({"precision of products", profile.precision});
    for (const tensor::Precision each : tensor::every_precision)
        if (const double rate = profile.roofs.measured_gflops(each); rate > 0 || each == tensor::Precision::f32)
            facts.push_back({fmt::format("products in {}, measured", name_of(each)), rate_text(rate)});
    facts.push_back({"copies, measured", fmt::format("{:.1f} GB/s", profile.roofs.copy_gb_s)});
    facts.push_back({"start of a call, measured", fmt::format("{:.4f} ms", profile.roofs.start_ms)});
    facts.push_back({"phrases per update", fmt::format("{}", profile.batch)});
    for (const auto* settings : {&profile.work, &profile.how})
        for (const auto& [name, value] : *settings) facts.push_back({name, value});
    return facts;
}

}  // namespace

std::string profile_page(const Profile& profile, const std::vector<std::string>& words) {
    Page page{
        .title = "Profile of training",
        .subtitle = fmt::format("{}. Products in {}, {} phrases per update, measured by {}.", profile.machine,
                                profile.precision, profile.batch, profile.clock),
        .figures = figures_of(profile),
        .words = words,
        .sections = {{"timeline", "Timeline",
                      "The last round, from the first call of the critic\u2019s update to the "
                      "last of the generator\u2019s: phases, layers, and every call."},
                     {"rows", "Rows",
                      "All rounds together. Times are medians over the rounds; a call cannot be faster "
                      "than its bound."},
                     {"tree", "Layers", "What each layer costs, in which phase, and by what."},
                     {"roofline", "Roofline",
                      "How much arithmetic is done for each byte of memory, and how fast, below "
                      "what the machine did at best in products and in copies."},
                     {"memory", "Memory", "What the tensors were for when they were most."},
                     {"settings", "Settings", "", settings_of(profile)}},
        .styles = {"profile/profile.css"},
        .script = "profile/profile.js",
    };
    page.data = data_of(profile).dump(-1, ' ', true, Json::error_handler_t::replace);
    return html(page);
}

}  // namespace musegan
