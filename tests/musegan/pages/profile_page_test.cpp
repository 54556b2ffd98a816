#include "musegan/pages/profile_page.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/profile_example.hpp"

using namespace musegan;
using nlohmann::json;

namespace {

/// The data of a page, as its script reads them.
json island(const std::string& page) {
    const std::string begin = "<script type=\"application/json\" id=\"data\">";
    const std::size_t start = page.find(begin) + begin.size();
    return json::parse(page.substr(start, page.find("</script>", start) - start));
}

double sum_of(const json& rows, const char* key) {
    double sum = 0;
    for (const json& row : rows) sum += row.at(key).get<double>();
    return sum;
}

/// The sums of calls and milliseconds over the leaves below a node.
void add_leaves(const json& node, double& calls, double& milliseconds) {
    for (const json& part : node.at("parts")) add_leaves(part, calls, milliseconds);
    if (!node.at("parts").empty()) return;
    calls += node.at("calls").get<double>();
    milliseconds += node.at("ms").get<double>();
}

}  // namespace

TEST_CASE("profile page: every grouping has all calls, arithmetic and bytes, and the rows of group_rows") {
    const Profile profile = support::example_profile(true);
    const json groupings = island(profile_page(profile, {})).at("groupings");
    CHECK(groupings.size() == 5);
    const json& all = groupings.at("all");
    for (const auto& entry : groupings.items()) {
        const std::string name = entry.key();
        const json& rows = entry.value();
        CAPTURE(name);
        CHECK(sum_of(rows, "calls") == sum_of(all, "calls"));
        CHECK(sum_of(rows, "gflop") == doctest::Approx(sum_of(all, "gflop")));
        CHECK(sum_of(rows, "mb") == doctest::Approx(sum_of(all, "mb")));
    }
    const auto kernels = group_rows(profile, ProfileGrouping::kernel);
    REQUIRE(groupings.at("kernel").size() == kernels.size());
    const json& first = groupings.at("kernel").at(0);
    CHECK(first.at("kernel") == kernels[0].words.kernel);
    CHECK(first.at("phase") == "");
    CHECK(first.at("ms").get<double>() == doctest::Approx(kernels[0].milliseconds()));
    CHECK(first.at("gflops").get<double>() == kernels[0].gflops());
    CHECK(first.at("ofBound").get<double>() == profile.share_of_bound(kernels[0]));
    CHECK(first.at("bound") == name_of(profile.floor_of(kernels[0]).bound));
    CHECK(first.at("launch").at("registers") == kernels[0].launch->registers);
}

TEST_CASE("profile page: on a processor there are no kernels and no launches") {
    const Profile profile = support::example_profile();
    const json data = island(profile_page(profile, {}));
    CHECK_FALSE(data.at("groupings").contains("kernel"));
    CHECK(data.at("groupings").size() == 4);
    CHECK_FALSE(data.at("groupings").at("all").at(0).contains("launch"));
}

TEST_CASE("profile page: the tree has each call once, below its layer and its phase") {
    const Profile profile = support::example_profile();
    const json data = island(profile_page(profile, {}));
    double calls = 0, milliseconds = 0;
    for (const json& layer : data.at("tree")) {
        double within = 0, time = 0;
        add_leaves(layer, within, time);
        CHECK(within == layer.at("calls").get<double>());
        CHECK(time == doctest::Approx(layer.at("ms").get<double>()).epsilon(0.02));  // medians of sums, sums of medians
        calls += within;
        milliseconds += time;
    }
    CHECK(calls == sum_of(data.at("groupings").at("all"), "calls"));
    CHECK(milliseconds == doctest::Approx(profile.busy()).epsilon(0.02));
    CHECK(data.at("tree").at(0).at("name") == group_rows(profile, ProfileGrouping::layer)[0].words.layer);
}

TEST_CASE("profile page: the timeline is the last round, span by span") {
    const Profile profile = support::example_profile();
    const json timeline = island(profile_page(profile, {})).at("timeline");
    REQUIRE(timeline.at("spans").size() == profile.timeline.size());
    for (const std::size_t k : {std::size_t{0}, profile.timeline.size() / 2, profile.timeline.size() - 1}) {
        const ProfileSpan& span = profile.timeline[k];
        const json& entry = timeline.at("spans").at(k);
        const json& words = timeline.at("words").at(entry.at(0).get<std::size_t>());
        const json& facts = timeline.at("facts").at(entry.at(3).get<std::size_t>());
        CHECK(words.at("update") == span.words.update);
        CHECK(words.at("operator") == span.words.operation);
        CHECK(entry.at(1).get<double>() == doctest::Approx(span.start));
        CHECK(entry.at(2).get<double>() == doctest::Approx(span.milliseconds));
        CHECK(facts.at("gflop").get<double>() == doctest::Approx(span.flops * 1e-9));
    }
    CHECK(timeline.at("facts").size() < timeline.at("spans").size());
}

TEST_CASE("profile page: hostile names, and bytes that are no text, leave a page whose data can be read") {
    Profile profile = support::example_profile();
    const std::string name = "</script><script>alert(1)</script><!--\u2028\"\\";
    profile.machine = profile.work[0].first = profile.work[0].second = name;
    profile.rows[0].words.layer = profile.timeline[0].words.layer = name;
    profile.rows[1].words.phase = "\xff\xfe\x01";
    const std::string page = profile_page(profile, {name});
    CHECK(page.find("<script>") == std::string::npos);
    CHECK(page.find("\u2028") != std::string::npos);  // as text of the page, where it ends nothing
    const json data = island(page);
    CHECK(data.at("timeline").at("words").at(0).at("layer") == name);
    bool is_found = false;
    for (const json& row : data.at("groupings").at("all")) is_found = is_found || row.at("phase") == "\ufffd\ufffd\x01";
    CHECK(is_found);
}

TEST_CASE("profile page: the same profile gives the same bytes") {
    CHECK(profile_page(support::example_profile(), {"words"}) == profile_page(support::example_profile(), {"words"}));
}

TEST_CASE("profile page: an empty profile is a page, and what is no number is null") {
    Profile profile;
    CHECK(island(profile_page(profile, {})).at("groupings").at("all").empty());
    profile.rows = {{.words = {.update = "critic", .operation = "add", .kernel = "add"},
                     .calls = 1,
                     .bytes = std::numeric_limits<double>::infinity(),
                     .rounds = {0}}};
    const json row = island(profile_page(profile, {})).at("groupings").at("operator").at(0);
    CHECK(row.at("share").is_null());
    CHECK(row.at("mb").is_null());
    CHECK(row.at("ms") == 0);
}
