// Profiles as JSON: what is written is read again, and nothing else.
#include "musegan/study/profile_json.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "tests/musegan/study/small_profile.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using musegan::parse_profile;
using musegan::Profile;
using study_tests::small_profile;
using support::contains_all;
using support::message_of;

namespace {

std::string refusal(const std::string& text) {
    return message_of([&] { parse_profile(text, "file.json"); });
}

/// The message for a profile in which something was changed.
std::string refusal_after(const std::function<void(nlohmann::json&)>& change) {
    nlohmann::json json = nlohmann::json::parse(profile_json(small_profile()));
    change(json);
    return refusal(json.dump());
}

}  // namespace

TEST_CASE("a profile survives its file, but for the timeline") {
    Profile profile = small_profile();
    profile.note = "\"taken\" by \xff another";  // no UTF-8, and what JSON has to escape
    profile.idle_share = 0.25;
    profile.roofs.caches = {{1e5, 100}, {1e6, 20}};
    profile.roofs.bf16_gflops = 250;
    profile.rows[0].launch = tensor::LaunchFacts{
        .grid = {4, 5, 6}, .block = {256, 1, 1}, .registers = 77, .shared_bytes = 99, .occupancy = 0.5};
    profile.rows[1].threads = {3, 4};
    profile.timeline = {{.words = {.update = "critic"}, .start = 1, .milliseconds = 2}};
    const std::string text = profile_json(profile);
    const Profile again = parse_profile(text, "file.json");
    CHECK(again.timeline.empty());
    CHECK(again.rows.size() == profile.rows.size());
    CHECK(again.rows[0].launch->grid == std::array<unsigned, 3>{4, 5, 6});
    CHECK(again.rows[1].threads == std::vector<double>{3, 4});
    CHECK(again.memory.total() == 63);
    CHECK(again.work == profile.work);
    CHECK(profile_json(again) == text);
    CHECK(again.roofs.bf16_gflops == 250);
    nlohmann::json json = nlohmann::json::parse(text);
    json["roofs"].erase("bf16_gflops");  // as in files from before there was a rate of it
    CHECK(parse_profile(json.dump(), "older.json").roofs.bf16_gflops == 0);
    CHECK(again.critic_alone.latency.empty());  // nor of an update by itself
    profile.critic_alone = {.latency = {60, 62, 61}, .host = {4, 5, 6}, .device = {49, 50, 48}};
    profile.generator_alone.host = {2, 2, 3};
    const Profile alone = parse_profile(profile_json(profile), "alone.json");
    CHECK(alone.critic_alone.latency == std::vector<double>{60, 62, 61});
    CHECK(alone.critic_alone.host == std::vector<double>{4, 5, 6});
    CHECK(alone.critic_alone.device == std::vector<double>{49, 50, 48});
    CHECK(alone.generator_alone.host == std::vector<double>{2, 2, 3});
    CHECK(alone.generator_alone.latency.empty());
    CHECK(json["summary"]["critic_ms"] == 51);
    CHECK(json["summary"]["penalty_share"] == 0.32);
}

TEST_CASE("what is no profile is refused in one line that says what is wrong") {
    CHECK(contains_all(refusal(""), {"[file.json]", "no JSON", "musegan profile --json"}));
    CHECK(contains_all(refusal("{\"a\": "), {"no JSON"}));
    CHECK(contains_all(refusal("[1]"), {"the file is array, expected an object"}));
    CHECK(contains_all(refusal("{}"), {"no profile of musegan"}));
    CHECK(contains_all(refusal("{\"format\": 3}"), {"no profile of musegan"}));
    CHECK(contains_all(refusal_after([](auto& json) { json["version"] = 2; }), {"version 2, expected 1", "again"}));
    CHECK(contains_all(refusal_after([](auto& json) { json.erase("roofs"); }), {"roofs is missing"}));
    CHECK(contains_all(refusal_after([](auto& json) { json["roofs"]["f32_gflops"] = -1; }),
                       {"roofs.f32_gflops holds '-1', expected a number of at least 0"}));
    CHECK(contains_all(refusal_after([](auto& json) { json["batch"] = "8"; }), {"batch is string", "whole number"}));
    CHECK(contains_all(refusal_after([](auto& json) { json["batch"] = 1e300; }), {"batch is number"}));
    CHECK(contains_all(refusal_after([](auto& json) { json["batch"] = 18446744073709551615u; }), {"2^53"}));
    CHECK(contains_all(refusal_after([](auto& json) { json["work"]["model"] = 1; }), {"work.model is number"}));
    CHECK(contains_all(refusal_after([](auto& json) { json["critic_ms"] = nlohmann::json::array(); }), {"one round"}));
    CHECK(contains_all(refusal_after([](auto& json) { json["observed_critic_ms"].push_back(1); }), {"as many"}));
    CHECK(contains_all(refusal_after([](auto& json) { json["generator_ms"].push_back(1); }), {"generator_ms"}));
    CHECK(contains_all(refusal_after([](auto& json) { json["rows"][2]["rounds_ms"].push_back(1); }),
                       {"rows[2].rounds_ms"}));
    CHECK(contains_all(refusal_after([](auto& json) { json["rows"][1] = 7; }), {"rows[1] is number"}));
    CHECK(contains_all(refusal_after([](auto& json) { json["rows"] = 7; }), {"rows is number, expected a list"}));
    CHECK(contains_all(refusal_after([](auto& json) { json["has_penalty"] = 1; }), {"true or false"}));
    CHECK(contains_all(
        refusal_after([](auto& json) {
            json["rows"][0]["launch"] = {
                {"grid", {1, 2}}, {"block", {1, 1, 1}}, {"registers", 1}, {"shared_bytes", 1}, {"occupancy", 1}};
        }),
        {"rows[0].launch.grid", "three numbers"}));
}

TEST_CASE("a file that is not there is refused by its path") {
    const support::TemporaryFolder folder;
    const std::string path = (folder.path() / "none.json").string();
    CHECK(contains_all(message_of([&] { musegan::read_profile(path); }), {path}));
}
