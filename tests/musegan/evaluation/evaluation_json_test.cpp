#include "musegan/evaluation/evaluation_json.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "musegan/evaluation/data_distance.hpp"
#include "tests/musegan/evaluation/evaluated_sets.hpp"

using namespace musegan;
using evaluation_tests::counting;
using evaluation_tests::example;
using evaluation_tests::made_set;
using evaluation_tests::mean_in;
using nlohmann::json;

namespace {

/// The value at "tracks.bass.EB"; missing keys fail.
const json& at(const json& tree, const std::string& key) {
    const std::size_t point = key.find('.');
    return point == std::string::npos ? tree.at(key) : at(tree.at(key.substr(0, point)), key.substr(point + 1));
}

/// Every metric of a set, its count and its error are those of the set.
void check_metrics(const json& found, const EvaluatedSet& set) {
    for (const Metric& metric : metric_list()) {
        CAPTURE(metric.key);
        const Mean mean = set.mean(metric);
        if (mean.count == 0) CHECK(at(found, metric.key).is_null());
        else CHECK(at(found, metric.key) == mean.value());
        CHECK(at(found.at("counts"), metric.key) == mean.count);
        if (!set.is_sample()) continue;
        if (mean.groups < 2) CHECK(at(found.at("errors"), metric.key).is_null());
        else CHECK(at(found.at("errors"), metric.key) == set.error(mean));
    }
    CHECK(found.contains("errors") == set.is_sample());
    CHECK(found.at("name") == set.name);
    CHECK(found.at("about") == set.about);
    CHECK(found.at("phrases") == set.metrics.phrases);
}

json parsed(const Evaluation& evaluation) {
    const std::string text = evaluation_json(evaluation);
    CHECK(text.ends_with("}\n"));
    CHECK(text.find("nan") == std::string::npos);
    CHECK(text.find("NaN") == std::string::npos);
    return json::parse(text);
}

std::set<std::string> keys_of(const json& object) {
    std::set<std::string> keys;
    for (const auto& item : object.items()) keys.insert(item.key());
    return keys;
}

}  // namespace

TEST_CASE("evaluation JSON: the first set at the top, the data, held-out songs, shuffled bars and more sets below") {
    Evaluation evaluation = example();
    evaluation.shape = paper_shape.on_grid(12);
    evaluation.options = {2, 0.1, 1, ChromaFold::as_released};
    evaluation.held_out->available = 9;
    evaluation.sets.push_back(made_set("second", counting(1.0 / 3, 0.1)));
    evaluation.sets.push_back(made_set("third", counting(1e-9, 1.0 / 7)));
    const json found = parsed(evaluation);
    CHECK(found.at("format") == "musegan evaluation");
    CHECK(found.at("version") == 1);
    CHECK(found.at("grid") == 12);
    CHECK(found.at("options") ==
          json{{"fold", "as-released"}, {"qn_threshold", 2}, {"drum_tolerance", 0.1}, {"drum_shifts", 1}});
    check_metrics(found, evaluation.sets[0]);
    check_metrics(found.at("against"), *evaluation.data);
    check_metrics(found.at("held_out"), *evaluation.held_out);
    check_metrics(found.at("shuffled"), *evaluation.shuffled);
    REQUIRE(found.at("more").size() == 2);
    check_metrics(found.at("more")[0], evaluation.sets[1]);
    check_metrics(found.at("more")[1], evaluation.sets[2]);
    CHECK(found.at("bars") == 8);
    CHECK(found.at("available_phrases").is_null());
    CHECK(found.at("held_out").at("available_phrases") == 9);
    CHECK(found.at("against").at("available_phrases") == 2);
    CHECK(found.at("tracks").at("bass").at("EB") == 13.0);
    CHECK(found.at("TD").at("B-G") == 20.0);
    CHECK(found.at("errors").at("DP") == 1.0);
    // What the file is stands first.
    CHECK(evaluation_json(evaluation).starts_with("{\n  \"format\": \"musegan evaluation\",\n  \"version\": 1,\n"));
}

TEST_CASE("evaluation JSON: the distance to the data and times the floor") {
    Evaluation evaluation = example();
    mean_in(evaluation.held_out->metrics, "DP") = mean_in(evaluation.data->metrics, "DP");
    for (const char* pair : tonal_pair_names) mean_in(evaluation.sets[0].metrics, fmt::format("TD.{}", pair)) = {};
    const json found = parsed(evaluation);
    CHECK(found.at("distance_to_data") == json{{"EB", 3.0}, {"UPC", 3.0}, {"QN", 3.0}, {"DP", 3.0}, {"TD", nullptr}});
    CHECK(found.at("times_floor") == json{{"EB", 1.5}, {"UPC", 1.5}, {"QN", 1.5}, {"DP", nullptr}, {"TD", nullptr}});
    CHECK(found.at("shuffled").at("distance_to_data").at("TD") == 4.0);
    CHECK(found.at("shuffled").at("times_floor").at("TD") == 2.0);
    CHECK(found.at("held_out").at("times_floor").at("EB") == 1.0);
    for (const char* key : {"distance_to_data", "times_floor", "shared_with_data"})
        CHECK_FALSE(found.at("against").contains(key));
    evaluation.held_out.reset();
    CHECK(parsed(evaluation).contains("distance_to_data"));
    CHECK_FALSE(parsed(evaluation).contains("times_floor"));
    CHECK_FALSE(parsed(evaluation).contains("held_out"));
    evaluation.data.reset();
    for (const char* key : {"against", "distance_to_data", "times_floor", "shared_with_data", "more"})
        CHECK_FALSE(parsed(evaluation).contains(key));
}

TEST_CASE("evaluation JSON: histograms by track and kind, and what they share with the data's") {
    Evaluation evaluation = example();
    evaluation.data->metrics.tracks[0].lengths = {0, {0, 1, 1}};
    evaluation.sets[0].metrics.tracks[0].lengths = {0, {0, 3, 0, 1}};
    evaluation.sets[0].metrics.tracks[1].pitches_of_notes = {35, {2, 0, 7}};
    evaluation.sets[0].metrics.tracks[4].densities = {0, {8}};
    json found = parsed(evaluation);
    const json by_track = found.at("histograms").at("tracks");
    CHECK(keys_of(by_track) == std::set<std::string>{"bass", "drums", "guitar", "piano", "strings"});
    CHECK(by_track.at("bass").at("length") == json{{"first", 0}, {"counts", {0, 3, 0, 1}}});
    CHECK(by_track.at("drums").at("pitch") == json{{"first", 35}, {"counts", {2, 0, 7}}});
    CHECK(by_track.at("strings").at("density") == json{{"first", 0}, {"counts", {8}}});
    CHECK(by_track.at("guitar").at("pitch") == json{{"first", 0}, {"counts", json::array()}});
    CHECK(keys_of(by_track.at("bass")) == std::set<std::string>{"length", "pitch", "density"});
    CHECK(keys_of(by_track.at("drums")) == std::set<std::string>{"pitch", "density"});  // hits have no length
    CHECK(found.at("shared_with_data").at("tracks").at("bass").at("length") == 50.0);
    CHECK(found.at("shared_with_data").at("tracks").at("bass").at("pitch").is_null());
    evaluation.sets[0].given = 0;
    found = parsed(evaluation);
    check_metrics(found, evaluation.sets[0]);
    CHECK(found.at("tracks").at("bass").at("EB").is_null());
    CHECK(found.at("counts").at("tracks").at("bass").at("EB") == 0);
    CHECK(found.at("histograms").at("tracks").at("bass").at("length").is_null());
    CHECK(found.at("shared_with_data").at("tracks").at("bass").at("length").is_null());
}

TEST_CASE("evaluation JSON: copies, phrase by phrase") {
    Evaluation evaluation = example();
    CHECK_FALSE(parsed(evaluation).contains("copying"));
    evaluation.sets[0].copying = Copying{{0, 7}, {{3, -2, 0.0625}, {9, 0, 1.0 / 3}}, 0.125};
    const json copying = parsed(evaluation).at("copying");
    CHECK(copying.at("looked_at") == 2);
    CHECK(copying.at("almost_same_below") == 0.125);
    CHECK(copying.at("share") == 50.0);
    CHECK(copying.at("median") == evaluation.sets[0].copying->median());
    CHECK(copying.at("nearest") == json{{{"phrase", 0}, {"data_phrase", 3}, {"semitones", -2}, {"distance", 0.0625}},
                                        {{"phrase", 7}, {"data_phrase", 9}, {"semitones", 0}, {"distance", 1.0 / 3}}});
    evaluation.sets[0].copying = Copying{};
    const json none = parsed(evaluation).at("copying");
    CHECK(none.at("looked_at") == 0);
    CHECK(none.at("share").is_null());
    CHECK(none.at("median").is_null());
    CHECK(none.at("nearest") == json::array());
}

TEST_CASE("evaluation JSON: data alone stand at the top, and nothing at all is a file as well") {
    Evaluation evaluation = example();
    evaluation.sets.clear();
    evaluation.data->available = 50;
    const json found = parsed(evaluation);
    check_metrics(found, *evaluation.data);
    CHECK_FALSE(found.contains("against"));
    CHECK_FALSE(found.contains("distance_to_data"));
    check_metrics(found.at("held_out"), *evaluation.held_out);
    CHECK(found.at("held_out").at("distance_to_data").at("EB") == 2.0);
    CHECK(keys_of(parsed({})) == std::set<std::string>{"format", "version", "grid", "options"});
}

TEST_CASE("evaluation JSON: what is not defined is null") {
    Evaluation evaluation;
    evaluation.data = evaluation_tests::whole_set("data", {});
    evaluation.held_out = evaluation.data;
    evaluation.held_out->available = 3;
    evaluation.sets = {made_set("empty", {}), made_set("silent", {})};
    evaluation.sets[1].metrics.phrases = 1;
    const json found = parsed(evaluation);
    check_metrics(found, evaluation.sets[0]);
    check_metrics(found.at("more")[0], evaluation.sets[1]);
    check_metrics(found.at("held_out"), *evaluation.held_out);
    for (const json& value : found.at("distance_to_data")) CHECK(value.is_null());
    for (const json& value : found.at("times_floor")) CHECK(value.is_null());
}

TEST_CASE("evaluation JSON: no metric stands in the place of another field") {
    const json found = parsed(example());
    const std::set<std::string> others{"name",    "about",  "phrases", "bars",     "available_phrases", "counts",
                                       "errors",  "more",   "against", "held_out", "histograms",        "copying",
                                       "options", "format", "version", "grid",     "distance_to_data",  "times_floor"};
    for (const Metric& metric : metric_list()) {
        CHECK_FALSE(others.contains(metric.key.substr(0, metric.key.find('.'))));
        CHECK(at(found, metric.key).is_number());
    }
}

TEST_CASE("evaluation JSON: names that are no UTF-8 still make a file") {
    Evaluation evaluation = example();
    evaluation.sets[0].name = "Ü\xFF\n";
    CHECK(parsed(evaluation).at("name") == "Ü\uFFFD\n");
}
