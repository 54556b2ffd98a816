// An evaluation read back from its JSON.
#include "musegan/evaluation/evaluation_reader.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "musegan/evaluation/evaluation_json.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/evaluation/evaluated_sets.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
using evaluation_tests::counting;
using evaluation_tests::example;
using evaluation_tests::made_set;
using evaluation_tests::mean_in;
using nlohmann::json;

namespace {

bool is_same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

void check_set(const ReadSet& read, const EvaluatedSet& set, SetRole role) {
    CAPTURE(set.name);
    CHECK(read.role == role);
    CHECK(read.name == set.name);
    CHECK(read.about == set.about);
    CHECK(read.phrases == set.metrics.phrases);
    CHECK(read.values.size() == metric_list().size());
    CHECK(read.counts.size() == metric_list().size());
    CHECK(read.errors.size() == (set.is_sample() ? metric_list().size() : 0));
    for (const Metric& metric : metric_list()) {
        CAPTURE(metric.key);
        const Mean mean = set.mean(metric);
        CHECK(is_same(read.values.at(metric.key), mean.value()));
        CHECK(read.counts.at(metric.key) == static_cast<double>(mean.count));
        if (set.is_sample()) CHECK(is_same(read.errors.at(metric.key), set.error(mean)));
    }
}

void check_refused(const std::string& text, const std::string& reason) {
    CAPTURE(text.substr(0, 100));
    CHECK_THROWS_WITH_AS(parse_evaluation(text, "file.json"), doctest::Contains(("[file.json] " + reason).c_str()),
                         tensor::Error);
}

/// The text of the example after a change.
template <typename Change>
std::string changed(const Change& change) {
    json object = json::parse(evaluation_json(example()));
    change(object);
    return object.dump();
}

}  // namespace

TEST_CASE("evaluation reader: every set with every number, to the last bit") {
    Evaluation evaluation = example();
    evaluation.shape = paper_shape.on_grid(12);
    evaluation.options = {2, 0.1, 1, ChromaFold::as_released};
    evaluation.sets.push_back(made_set("second", counting(1.0 / 3, 0.1)));
    mean_in(evaluation.sets[1].metrics, "DP") = {};
    evaluation.sets[0].copying = Copying{{0, 3}, {{5, -2, 0.05}, {6, 0, 0.45}}, 0.2};
    const ReadEvaluation read = parse_evaluation(evaluation_json(evaluation), "file.json");
    CHECK(read.steps_per_beat == 12);
    CHECK(read.options.fold == ChromaFold::as_released);
    CHECK(read.options.qualified_steps == 2);
    CHECK(read.options.drum_tolerance == 0.1);
    CHECK(read.options.drum_shifts == 1);
    REQUIRE(read.sets.size() == 5);
    check_set(read.sets[0], *evaluation.data, SetRole::data);
    check_set(read.sets[1], *evaluation.held_out, SetRole::held_out);
    check_set(read.sets[2], *evaluation.shuffled, SetRole::shuffled);
    check_set(read.sets[3], evaluation.sets[0], SetRole::measured);
    check_set(read.sets[4], evaluation.sets[1], SetRole::measured);
    REQUIRE(read.sets[3].copying);
    CHECK(read.sets[3].copying->looked_at == 2);
    CHECK(read.sets[3].copying->almost_same == 0.2);
    CHECK(read.sets[3].copying->share == 50);
    CHECK(read.sets[3].copying->median == 0.25);
    CHECK_FALSE(read.sets[4].copying);
}

TEST_CASE("evaluation reader: what is no evaluation is one clear line") {
    check_refused("", "is no JSON");
    check_refused("{\"format\": \"musegan evaluation\", \"version\": 1", "is no JSON");
    check_refused("[]", "is no evaluation of musegan");
    check_refused("{}", "is no evaluation of musegan");
    check_refused("{\"format\": 3}", "is no evaluation of musegan");
    check_refused(changed([](json& o) { o["format"] = "musegan profile"; }), "is no evaluation of musegan");
    check_refused(changed([](json& o) { o["version"] = 2; }), "an evaluation of version 2, expected 1");
    check_refused(changed([](json& o) { o["version"] = "1"; }), "version is string, expected a number");
    check_refused(changed([](json& o) { o.erase("name"); }), "name is missing");
    check_refused(changed([](json& o) { o["name"] = 1; }), "name is number, expected a text");
    check_refused(changed([](json& o) { o["name"] = std::string(5000, 'a'); }), "name is string, expected at most");
    check_refused(changed([](json& o) { o["phrases"] = -1; }), "phrases is number, expected a whole number");
    check_refused(changed([](json& o) { o["phrases"] = 1.5; }), "phrases is number, expected a whole number");
    check_refused(changed([](json& o) { o["phrases"] = nullptr; }), "phrases is null, expected a whole number");
    check_refused(changed([](json& o) { o["grid"] = 0; }), "grid is number, expected steps per beat");
    check_refused(changed([](json& o) { o["DP"] = "much"; }), "DP is string, expected a number or null");
    check_refused(changed([](json& o) { o["tracks"]["bass"]["EB"] = json::array(); }), "tracks.bass.EB is array");
    check_refused(changed([](json& o) { o["errors"]["DP"] = true; }), "DP is boolean, expected a number");
    check_refused(changed([](json& o) { o["against"] = 7; }), "a set is number, expected an object");
    check_refused(changed([](json& o) { o["more"] = 7; }), "more is number, expected a list of sets");
    check_refused(changed([](json& o) { o["more"] = json::array({7}); }), "a set is number, expected an object");
    check_refused(changed([](json& o) { o["more"] = json(std::vector<int>(257, 0)); }), "257 sets, expected at most");
    check_refused(changed([](json& o) { o["options"]["fold"] = "x"; }), "fold");
    check_refused(changed([](json& o) { o["copying"] = 1; }), "copying is number, expected an object");
    check_refused("{\"format\": \"musegan evaluation\", \"DP\": 1e999}", "is no JSON");
    const std::string deep(100'000, '[');
    check_refused(deep, "is nested more than 16 deep");
    check_refused("{\"more\": " + deep, "is nested more than 16 deep");
}

TEST_CASE("evaluation reader: metrics of other versions are not missed, and nothing measured is nan") {
    const ReadEvaluation read = parse_evaluation(changed([](json& o) {
                                                     o.erase("TD");
                                                     o["tracks"] = 5;
                                                     o["DP"] = nullptr;
                                                     o["new"] = {{"thing", 1}};
                                                 }),
                                                 "file.json");
    const ReadSet& set = read.sets.back();
    CHECK_FALSE(set.values.contains("TD.B-G"));
    CHECK_FALSE(set.values.contains("tracks.bass.EB"));
    CHECK(std::isnan(set.values.at("DP")));
    CHECK(set.values.at("distance") > 0);
}

TEST_CASE("evaluation reader: a file, one that is not there, and the data alone") {
    const support::TemporaryFolder folder;
    CHECK_THROWS_WITH_AS(read_evaluation(folder / "none.json"), doctest::Contains("none.json]"), tensor::Error);
    Evaluation alone;
    alone.data = evaluation_tests::whole_set("data", counting(10, 0.5));
    support::write_text(folder / "alone.json", evaluation_json(alone));
    const ReadEvaluation read = read_evaluation(folder / "alone.json");
    REQUIRE(read.sets.size() == 1);
    check_set(read.sets[0], *alone.data, SetRole::measured);
}
