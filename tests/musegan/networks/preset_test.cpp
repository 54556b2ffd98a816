// Presets: what they say, that they come back from TOML as they went, and that what is wrong is named by file, line and
// key.
#include "musegan/networks/preset.hpp"

#include <doctest/doctest.h>

#include "musegan/networks/architecture.hpp"
#include "musegan/networks/critic.hpp"
#include "musegan/networks/model.hpp"
#include "musegan/networks/preset_plans.hpp"
#include "musegan/networks/presets.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"

using namespace musegan;
using support::message_of;

namespace {

/// The least preset, for phrases of 16ths; `generator` and `critic` replace their last rows.
struct Sketch {
    std::string head = "name = \"mine\"\nmakes = \"phrases\"\ngrids = [4]\n";
    std::string generator =
        R"({ kind = "transposed", channels = 1, kernel = [64, 84, "tracks"], activation = "tanh" })";
    std::string critic = R"({ kind = "dense", channels = 1 })";
    std::string more;

    /// The generator's row stands in line 5, the critic's in line 7.
    std::string text() const {
        return head + "[[generator]]\nrows = [" + generator + "]\n[[critic]]\nrows = [" + critic + "]\n" + more;
    }
};

ModelConfig config_of(const Sketch& sketch, MultiTrackModel model = MultiTrackModel::composer,
                      Condition condition = Condition::none) {
    ModelConfig config = support::model_of(model, condition);
    config.preset = parse_preset(sketch.text(), "mine.toml");
    config.shape.steps_per_beat = 4;
    return config;
}

std::string refusal(const Sketch& sketch, MultiTrackModel model = MultiTrackModel::composer,
                    Condition condition = Condition::none) {
    return message_of([&] { architecture_of(config_of(sketch, model, condition)); });
}

const std::string fits = support::message_of([] {});

/// The message for a sketch whose generator is that row.
std::string generator_refusal(const std::string& row) {
    Sketch sketch;
    sketch.generator = row;
    return refusal(sketch);
}

}  // namespace

TEST_CASE("preset: where none is named, the device decides, and the time grid where compact does not have it") {
    using tensor::DeviceKind;
    CHECK(automatic_preset(DeviceKind::cuda, std::nullopt).name == "paper");
    CHECK(automatic_preset(DeviceKind::cuda, 4).name == "paper");
    CHECK(automatic_preset(DeviceKind::cpu, std::nullopt).name == "compact");
    for (const int grid : PhraseShape::grids) {
        CAPTURE(grid);
        const PresetChoice choice = automatic_preset(DeviceKind::cpu, grid);
        CHECK(choice.name == (grid == 4 ? "compact" : "paper"));
        CHECK((choice.reason.find(fmt::format("{} steps per beat", grid)) != std::string::npos) == (grid != 4));
        ModelConfig config;
        config.preset = preset_named(choice.name);
        config.shape.steps_per_beat = grid;
        CHECK_NOTHROW(config.validate());
    }
    CHECK(automatic_preset(DeviceKind::cpu, 24).reason ==
          "since compact has no layers for 24 steps per beat, only for 4");
    CHECK(automatic_preset(DeviceKind::cpu, std::nullopt).reason == "for a CPU (--preset paper: the paper's networks)");
}

TEST_CASE("preset: the program's own have the paper's first, and come back from TOML as they went") {
    CHECK(preset_names() == std::vector<std::string>{"paper", "binary", "compact"});
    for (const std::string& name : preset_names()) {
        CAPTURE(name);
        const Preset& preset = preset_named(name);
        CHECK(preset.name == name);
        const std::string text = preset_toml(preset);
        const Preset again = parse_preset(text, "again");
        CHECK(again == preset);
        CHECK(preset_toml(again) == text);
        CHECK(again.settings.entries.empty());
    }
    CHECK_FALSE(preset_named("paper") == preset_named("compact"));
    CHECK(message_of([] { preset_named("compct"); }) ==
          "[preset] there is no 'compct', expected paper, binary, compact or the path of a .toml file (did you mean "
          "'compact'?)");
}

TEST_CASE("preset: every field comes back, and a line is no part of what is compared") {
    Sketch sketch;
    sketch.critic = R"({ name = "a", channels = 3, kernel = [2, 12, "tracks"], )"
                    R"(stride = [1, 12, "tracks"], dilation = ["bar", 1, 1], )"
                    R"(norm = "layer", activation = "leaky_relu", slope = 0.0625, map = "m", grids = [4, 8] },
           { kind = "none", channels = 2, norm = "batch", activation = "relu", slope = 0.5 },
           { channels = 3, kernel = [3, 1, 1], stride = [1, 1, 1], padding = "same", adds = "a" },
           { kind = "dense", channels = 1, result = [1, 1, 1] })";
    const Preset preset = parse_preset(sketch.text(), "mine.toml");
    const PresetRow& row = preset.critic.front().rows.front();
    CHECK(row.kernel == Sizes{Size{2, {}}, Size{12, {}}, Size{1, Measure::seen}});
    CHECK(row.dilation[0] == Size{1, Measure::bar});
    CHECK(row.slope == 0.0625);
    CHECK(row.grids == std::vector<int>{4, 8});
    CHECK(row.line.number == 7);
    const Preset again = parse_preset("# one line more\n" + preset_toml(preset), "again.toml");
    CHECK(again == preset);
    CHECK(again.critic.front().rows.front().line.number != row.line.number);
    CHECK_NOTHROW(architecture_of(config_of(sketch)));
}

TEST_CASE("preset: what is no preset is named by file, line and key, with what was expected") {
    const auto parsing = [](const std::string& text) { return message_of([&] { parse_preset(text, "mine.toml"); }); };
    Sketch sketch;
    CHECK(parsing("name = \"mine\"\n") == "[mine.toml] no grids, expected it of a preset");
    sketch.generator = R"({ chanels = 4 })";
    CHECK(
        parsing(sketch.text()) ==
        "[mine.toml:5] unknown key 'chanels', expected one of name, kind, channels, kernel, stride, dilation, padding, "
        "result, bias_per_track, norm, activation, slope, joins, adds, map, grids (did you mean 'channels'?)");
    const auto row = [&](const std::string& text) {
        sketch.generator = text;
        return parsing(sketch.text());
    };
    CHECK(row(R"({ channels = "four" })") ==
          "[mine.toml:5] channels is 'four', expected a number from 1 to 16384, or one of \"bar\", \"octaves\", "
          "\"tracks\", \"latent\"");
    CHECK(row(R"({ channels = 0 })").starts_with("[mine.toml:5] channels is 0, expected a number from 1"));
    CHECK(row(R"({ channels = 1.5 })").starts_with("[mine.toml:5] channels is a number, expected a number from 1"));
    CHECK(row(R"({ kernel = [1, 2] })") ==
          "[mine.toml:5] kernel is an array of 2, expected three sizes: [time, pitch, track]");
    CHECK(row(R"({ kernel = 3 })") == "[mine.toml:5] kernel is an integer, expected three sizes: [time, pitch, track]");
    CHECK(row(R"({ norm = "instance" })") == "[mine.toml:5] norm is 'instance', expected none, batch or layer");
    CHECK(row(R"({ bias_per_track = "yes" })") == "[mine.toml:5] bias_per_track is a string, expected true or false");
    CHECK(row(R"({ slope = 2 })") == "[mine.toml:5] slope is 2, expected a number from 0 to 1");
    CHECK(row(R"({ grids = [5] })") == "[mine.toml:5] grids is 5, expected steps per beat: 4, 8, 12, 24");
    CHECK(row("7") == "[mine.toml:5] rows is an integer, expected an array of rows: [{ channels = 16 }, ...]");
    sketch = {};
    sketch.head += "[[temporal]]\nrows = [{ channels = 1 }]\n";
    CHECK(parsing(sketch.text()) ==
          "[mine.toml:4] a G_temp, expected none: the generator makes whole phrases (makes = \"bars\" has one)");
    sketch.head = "name = \"mine\"\nmakes = \"bars\"\ngrids = [4]\n";
    CHECK(parsing(sketch.text()) == "[mine.toml] no [[temporal]] (it makes bars), expected it of a preset");
    CHECK(parsing("name = \"a\nb\"\n").starts_with("[mine.toml:1] "));
}

TEST_CASE("preset: what does not fit is named by file, line and key") {
    CHECK(refusal({}) == fits);
    CHECK(generator_refusal(
              R"({ kind = "transposed", channels = 1, kernel = [64, 80, "tracks"], activation = "tanh" })") ==
          "[mine.toml:5] conv1 makes 64 x 80 x 5 x 1, expected 64 x 84 x 5 x 1 of the network");
    CHECK(generator_refusal(R"({ kind = "transposed", channels = 1, kernel = [64, 84, "tracks"] })") ==
          "[mine.toml:5] activation is none, expected tanh at the generator's end");
    CHECK(generator_refusal(R"({ channels = 1, kernel = [2, 1, 1] })")
              .starts_with("[mine.toml:5] kernel: reads 1 x 1 x 1 x 128: [conv3d] kernel 2x1x1"));
    CHECK(generator_refusal(R"({ name = "a", channels = 2 }, { name = "a", channels = 2 })") ==
          "[mine.toml:5] name: a second row of that name, expected another");
    CHECK(generator_refusal(R"({ channels = 2, adds = "input" })") ==
          "[mine.toml:5] adds: adds 'input' of 1 x 1 x 1 x 128, expected what it makes itself, 1 x 1 x 1 x 2");
    Sketch sketch;
    sketch.more = "[[critic]]\nname = \"late\"\nreads = [\"phrase\"]\nrows = [{ channels = 1 }]\n";
    CHECK(refusal(sketch) == "[mine.toml:8] reads: reads 'phrase', expected one of 'chromas', 'onsets', 'phrases', ''");
    sketch = {};
    CHECK(refusal(sketch, MultiTrackModel::hybrid, Condition::piano) ==
          "[mine.toml] no [[encoder]], expected one for a mine hybrid given piano");
    sketch.more = "[[encoder]]\nrows = [{ channels = 4, kernel = [1, 12, 1], map = \"64 x 7\" }]\n";
    CHECK(refusal(sketch, MultiTrackModel::composer, Condition::piano) == fits);
    sketch.generator.replace(0, 1, "{ joins = \"64 x 7\",");
    CHECK(refusal(sketch) == fits);  // nothing is joined from scratch
    CHECK(refusal(sketch, MultiTrackModel::composer, Condition::piano) ==
          "[mine.toml:5] joins: joins '64 x 7' of 64 x 7 x 1 x 4, expected the extents of what it reads, 1 x 1 x 1 x "
          "128");
    sketch.generator.replace(0, 20, "{ joins = \"64 x 9\",");
    CHECK(refusal(sketch, MultiTrackModel::composer, Condition::piano) ==
          "[mine.toml:5] joins: there is no map '64 x 9' to join");
    ModelConfig config = config_of({});
    config.shape.steps_per_beat = 24;
    CHECK(message_of([&] { config.validate("train"); }) ==
          "[train] 24 steps per beat, expected 4: that is what preset mine is made for (--steps-per-beat 4)");
}

TEST_CASE("preset: what could be written but not built, or not run, is refused as it is read or planned") {
    CHECK(generator_refusal(R"({ kind = "dense", channels = 1, result = [64, 84, "tracks"] },
        { kind = "none", activation = "tanh" })") ==
          "[mine.toml:6] kind is none without a norm, expected a product or a norm at the generator's end");
    CHECK(generator_refusal(R"({ name = "a.b", channels = 2 })") ==
          "[mine.toml:5] name is 'a.b', expected one without a '.'");
    CHECK(generator_refusal(R"({ channels = 2, padding = "same", kernel = [4096, 4096, 1] })") ==
          "[mine.toml:5] kernel: reads 4096 x 4096 x 1 x 128 with its padding, expected at most 1000000000 values");
    CHECK(generator_refusal(R"({ kind = "transposed", channels = 1024, kernel = [4096, 4096, 1] })") ==
          "[mine.toml:5] kernel: makes 4096 x 4096 x 1 x 1024, expected 1 to 1000000000 values");
    CHECK(generator_refusal(R"({ kind = "dense", channels = 8, result = [4096, 1024, 1] },
        { kind = "dense", channels = 8, result = [4096, 1024, 1] })") ==
          "[mine.toml:6] result: has 1125899906842624 weights, expected at most 1000000000000");
    Sketch sketch;
    sketch.head += "[[generator]]\nname = \"own\"\nper_track = true\nrows = [{ channels = 2 }]\n";
    CHECK(refusal(sketch) ==
          "[mine.toml:4] reads: one part per track reads 'latents' of 1 x 1 x 1 x 128, expected one with 5 tracks");
    CHECK(refusal(sketch, MultiTrackModel::jamming) == fits);
    sketch = {};
    sketch.more =
        "[[critic]]\nname = \"bass\"\nrows = [{ name = \"x\", channels = 1 }]\n"
        "[[critic]]\nname = \"last\"\nrows = [{ channels = 1 }]\n";
    CHECK(refusal(sketch) == fits);
    sketch.critic = R"({ name = "x", channels = 1, kernel = [64, 84, 1] }])"
                    "\nper_track = true\nreads = [\"phrases\"";
    CHECK(refusal(sketch) == "[mine.toml:12] name: a second 'bass.x' with parameters, expected another name");
    sketch = {};
    sketch.head =
        "name = \"mine\"\nmakes = \"bars\"\ngrids = [4]\n[[temporal]]\nrows = [{ kind = \"transposed\", "
        "channels = \"latent\", kernel = [3, 1, 1] }]\n";
    sketch.generator = R"({ kind = "transposed", kernel = [16, 84, "tracks"], activation = "tanh" })";
    CHECK(refusal(sketch) == "[mine.toml:5] conv1 makes 3 x 1 x 1 x 64, expected 4 x 1 x 1 x 64 of the network");
    sketch.head.replace(sketch.head.find("[3"), 2, "[4");
    CHECK(refusal(sketch) == fits);
    sketch.head += "[[generator]]\nname = \"temporal\"\nrows = [{ channels = 2 }]\n";
    CHECK(refusal(sketch) == "[mine.toml:6] name is 'temporal', expected another: G_temp has that one");
}

TEST_CASE("preset: whole phrases have no vectors per bar, and each model the vectors that are left") {
    const auto names = [](MultiTrackModel model) {
        ModelConfig config = support::model_of(model);
        config.preset = preset_named("compact");
        std::string list;
        for (const LatentKind& kind : latents_of(config)) list += fmt::format("{} {} ", kind.name, kind.length);
        return list;
    };
    CHECK(names(MultiTrackModel::composer) == "z 128 ");
    CHECK(names(MultiTrackModel::jamming) == "z_i 128 ");
    CHECK(names(MultiTrackModel::hybrid) == "z 64 z_i 64 ");
}

namespace {

struct SizeCase {
    const char* preset;
    MultiTrackModel model;
    Condition condition;
    std::int64_t model_parameters, critic_parameters;  ///< at full width
};

}  // namespace

TEST_CASE("preset: sizes at full width") {
    using enum MultiTrackModel;
    // Each track adds 256,387 to those of binary; with the eight tracks of BinaryMuseGAN's paper, which says 3.7 M,
    // they would be 3,735,737.
    const SizeCase cases[]{{"compact", composer, Condition::none, 315989, 207841},
                           {"binary", composer, Condition::none, 1246735, 1719841}};
    for (const SizeCase& each : cases) {
        CAPTURE(each.preset);
        ModelConfig config = support::model_of(each.model, each.condition);
        config.preset = preset_named(each.preset);
        config.shape.steps_per_beat = config.preset.grids.front();
        tensor::RandomStream random{1};
        CHECK(Model(config, random, DType::f32, Device::dry()).parameters().count() == each.model_parameters);
        CHECK(parameters_of(make_critics(config, random, DType::f32, Device::dry())).count() == each.critic_parameters);
    }
}

TEST_CASE("preset: a norm for all layers, of generators and critics, that the tables do not have") {
    ModelConfig config;
    config.generator_norm = NormChoice::none;
    config.critic_norm = NormChoice::layer;
    tensor::RandomStream random{1};
    const Model model(config, random, DType::f32, Device::dry());
    CHECK(model.parameters().statistics.empty());
    const Critic critic = make_critics(config, random, DType::f32, Device::dry()).front();
    std::vector<std::string> gammas;
    for (const layers::Parameter& parameter : critic.parameters().trainable)
        if (parameter.name.ends_with(".norm.gamma")) gammas.push_back(parameter.name);
    CHECK(gammas.size() == 9);  // all but the last
    CHECK(gammas.back() == "critic.dense1.norm.gamma");
    CHECK_FALSE(critic.takes_parts());
}
