// A model's data for a page: what scripts are told, and what is too large.
#include "musegan/pages/model_data.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "musegan/pages/base64.hpp"
#include "musegan/training/half_model.hpp"
#include "tests/musegan/written_model.hpp"
#include "tests/support/compare.hpp"

using namespace musegan;
using nlohmann::json;

namespace {

ModelConfig config_of(const std::string& preset, int steps_per_beat, double width) {
    ModelConfig config;
    config.preset = find_preset(preset);
    config.shape.steps_per_beat = steps_per_beat;
    config.width = width;
    return config;
}

}  // namespace

TEST_CASE("a model for a page: its slots, networks and weights") {
    ModelConfig config = config_of("paper", 4, 1.0 / 32);
    config.model = MultiTrackModel::hybrid;
    config.condition = Condition::piano;
    const Model model = support::shaken_model(config);
    const io::SafetensorsFile file = support::written(model);
    const PageModel page = page_model(file);
    CHECK(page.weights == base64(half_model(file)));
    const json about = json::parse(page.json);
    CHECK(about["name"] == "hybrid given piano");
    CHECK(about["parameters"] == model.parameters().count());
    CHECK(about["flops"] == model.flops(1));
    CHECK(about["given"] == 3);
    CHECK(about["steps"] == 64);
    CHECK(about["slots"].size() == 10);
    CHECK(about["slots"][1] == json{{"name", "z_t"}, {"track", -1}, {"perBar", true}, {"length", 32}});
    CHECK(about["slots"][9] == json{{"name", "z_it"}, {"track", 4}, {"perBar", true}, {"length", 32}});
    CHECK(about["temporal"].size() == 5);
    CHECK(about["temporal"][0]["prefix"] == "generator.temporal");
    CHECK(about["temporal"][4]["prefix"] == "generator.strings.temporal");
    CHECK(about["temporal"][4]["slot"] == 9);
    CHECK(about["generators"].size() == 4);
    CHECK(about["generators"][3]["trackList"] == json{4});
    CHECK(about["refiners"] == json::array());
    CHECK(about["encoder"]["parts"][0]["read"] == json{16, 84, 1, 1});
    const json row = about["generators"][0]["parts"].back()["rows"].back();
    CHECK(row["made"] == json{16, 84, 1, 1});
    CHECK(row["activation"] == "tanh");
    // A model from scratch.
    const json other =
        json::parse(page_model(support::written(support::shaken_model(config_of("compact", 4, 1)))).json);
    CHECK(other["name"] == "compact composer");
    CHECK(other["given"] == nullptr);
    CHECK(other["encoder"] == nullptr);
    CHECK(other["slots"] == json::array({{{"name", "z"}, {"track", -1}, {"perBar", false}, {"length", 128}}}));
}

TEST_CASE("a model above the size, or of too much work, is refused for a page in one line") {
    ModelConfig large = config_of("paper", 4, 0.75), slow = config_of("binary", 24, 1.0);
    large.model = MultiTrackModel::hybrid;
    CHECK(support::message_of([&] { page_model(support::written(support::shaken_model(large))); }) ==
          "[model] 4172885 parameters, expected at most 2500000 in a page (--width makes smaller ones)");
    slow.output = Output::deterministic;
    PresetNetwork& refiner = slow.preset.refiner;
    for (const char* name : {"second", "third", "fourth"}) {
        refiner.push_back(refiner.front());
        refiner.back().name = name;
    }
    CHECK(support::message_of([&] { page_model(support::written(support::shaken_model(slow))); }) ==
          "[model] 1.36e+10 FLOPs per phrase, expected at most 1e+10 in a page (a smaller --width needs fewer)");
}
