// The poster's figures as tables: latents, generators, critics and sizes of the six models (AAAI 2018, section 3).
#include "musegan/networks/architecture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "musegan/networks/critic.hpp"
#include "musegan/networks/describe.hpp"
#include "musegan/networks/latents.hpp"
#include "musegan/networks/model.hpp"
#include "musegan/networks/preset_plans.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"

using namespace musegan;

namespace {

struct ModelCase {
    ModelConfig config;
    std::vector<LatentKind> latents;
    std::vector<std::vector<int>> generators, critics;
    std::int64_t model_parameters, critic_parameters;  ///< at full width
};

using Tracks = std::vector<std::vector<int>>;

const std::vector<ModelCase>& model_cases() {
    const Tracks each{{0}, {1}, {2}, {3}, {4}}, all{{0, 1, 2, 3, 4}};
    const std::vector<LatentKind> own{{"z_i", true, false, 64}, {"z_it", true, true, 64}};
    const std::vector<LatentKind> common{{"z", false, false, 64}, {"z_t", false, true, 64}};
    const std::vector<LatentKind> both{
        {"z", false, false, 32}, {"z_t", false, true, 32}, {"z_i", true, false, 32}, {"z_it", true, true, 32}};
    static const std::vector<ModelCase> cases = [&] {
        using support::model_of;
        return std::vector<ModelCase>{
            {model_of(MultiTrackModel::jamming), own, each, each, 7797125, 17877765},
            {model_of(MultiTrackModel::jamming, Condition::drums),
             own,
             {{0}, {2}, {3}, {4}},
             {{0}, {2}, {3}, {4}},
             6444308,
             14302212},
            {model_of(MultiTrackModel::composer), common, all, all, 1562501, 3576577},
            {model_of(MultiTrackModel::composer, Condition::piano), common, {{0, 1, 2, 4}}, all, 1617812, 3576577},
            {model_of(MultiTrackModel::hybrid), both, each, all, 7144453, 3576577},
            {model_of(MultiTrackModel::hybrid, Condition::bass), both, {{1}, {2}, {3}, {4}}, all, 5955572, 3576577}};
    }();
    return cases;
}

}  // namespace

TEST_CASE("architecture: each model has the latents, generators, critics and sizes of the papers") {
    for (const ModelCase& each : model_cases()) {
        CAPTURE(each.config.name());
        const Architecture architecture = architecture_of(each.config);
        CHECK(architecture.latents == each.latents);
        Tracks generators, critics;
        for (const TrackNetwork& network : architecture.generators) generators.push_back(network.tracks);
        for (const TrackNetwork& network : architecture.critics) critics.push_back(network.tracks);
        CHECK(generators == each.generators);
        CHECK(critics == each.critics);
        tensor::RandomStream random{1};
        CHECK(Model(each.config, random, DType::f32, Device::dry()).parameters().count() == each.model_parameters);
        CHECK(parameters_of(make_critics(each.config, random, DType::f32, Device::dry())).count() ==
              each.critic_parameters);
    }
}

TEST_CASE("architecture: latents are drawn kind by kind, private ones track by track") {
    ModelConfig config = support::model_of(MultiTrackModel::hybrid, Condition::bass);
    std::vector<std::string> names;
    for (const LatentSlot& slot : latent_slots(architecture_of(config))) names.push_back(slot.name());
    CHECK(names == std::vector<std::string>{"z", "z_t", "z_i of drums", "z_i of guitar", "z_i of piano",
                                            "z_i of strings", "z_it of drums", "z_it of guitar", "z_it of piano",
                                            "z_it of strings"});
    CHECK(config.name() == "hybrid given bass");
}

TEST_CASE("architecture: stated lengths leave the rest to the others, and must add up") {
    ModelConfig config;
    const auto lengths = [&] {
        std::vector<std::int64_t> list;
        for (const LatentKind& kind : latents_of(config)) list.push_back(kind.length);
        return list;
    };
    config.latents = {.shared = 100};
    CHECK(lengths() == std::vector<std::int64_t>{100, 28});
    config.model = MultiTrackModel::hybrid;
    config.latents = {.total = 64, .track_temporal = 4};
    CHECK(lengths() == std::vector<std::int64_t>{20, 20, 20, 4});
    const auto refusal = [&] { return support::message_of([&] { config.validate("train"); }); };
    config.latents = {.shared = 100};
    CHECK(refusal() ==
          "[train] latents do not add up: z 100 = 100, expected 128 in all, with an equal share for 3 more (change a "
          "length, or the total with --latent-length)");
    config.model = MultiTrackModel::composer;
    config.latents = {.shared = 100, .temporal = 64};
    CHECK(refusal() ==
          "[train] latents do not add up: z 100 + z_t 64 = 164, expected 128 in all (change a length, or the total "
          "with --latent-length)");
    config.latents = {.track = 8};
    CHECK(refusal() == "[train] z_i has length 8, expected 0: a composer has no such vector");
    config.latents = {.total = 1};
    CHECK(refusal() ==
          "[train] latents do not add up: none stated, expected 1 in all, with an equal share for 2 more "
          "(change a length, or the total with --latent-length)");
}

TEST_CASE("architecture: every transposed layer of G_bar joins the encoder's map of what it reads, on every grid") {
    // With 12 pitches two maps have the same size.
    for (const auto& [steps_per_beat, pitches] : {std::pair{4, 84}, {8, 84}, {12, 84}, {24, 84}, {24, 12}}) {
        CAPTURE(steps_per_beat);
        CAPTURE(pitches);
        ModelConfig config = support::model_of(MultiTrackModel::composer, Condition::piano);
        config.shape.steps_per_beat = steps_per_beat;
        config.shape.pitches = pitches;
        tensor::RandomStream random{1};
        CHECK_NOTHROW(Model(config, random, DType::f32, Device::dry()));
        const layers::Table encoder = encoder_plan(config).parts.front().rows,
                            bar = architecture_of(config).generators.front().plan.parts.front().rows;
        // The first layer reads the coarsest map, the last one the finest; the dense one reads random numbers alone.
        CHECK(bar.front().joins == "");
        REQUIRE(bar.size() == encoder.size() + 1);
        for (std::size_t i = 0; i < encoder.size(); ++i) CHECK(bar[i + 1].joins == encoder[encoder.size() - 1 - i].map);
        config.condition = Condition::none;
        const layers::NetworkPlan from_scratch = generator_plan(config, {0, 1, 2, 4});
        for (const layers::LayerRow& row : from_scratch.parts.front().rows) CHECK(row.joins == "");
    }
}

TEST_CASE("architecture: a critic of tracks that are not neighbours is refused") {
    const ModelConfig config;
    tensor::RandomStream random{1};
    const TrackNetwork gap{"", {0, 1, 3}, critic_plan(config, {0, 1, 3})};
    CHECK(support::message_of([&] { Critic(config, gap, random, DType::f32, Device::dry()); }) ==
          "[critic] 3 tracks from bass to piano, expected neighbours");
}

TEST_CASE("architecture: a model in words") {
    ModelConfig config = support::model_of(MultiTrackModel::hybrid, Condition::bass);
    config.width = 0.25;
    CHECK(describe(config) ==
          "hybrid given bass, width 0.25\n"
          "  latents      z (32), z_t (32, one per bar), z_i (32, one per track), z_it (32, one per track and bar)\n"
          "  given        bass, read by an encoder of 7 maps\n"
          "  generators   4: drums; guitar; piano; strings\n"
          "  critics      1: bass, drums, guitar, piano, strings\n"
          "  parameters   633608 to make phrases, 224449 to judge them\n"
          "  per phrase   31.9 MFLOP to make it, 84.0 MFLOP to judge it\n");
}

TEST_CASE("architecture: a track's generator may have a table of its own") {
    // The published code's other order in time, 3-2-2-2-2, for the drums alone.
    const ModelConfig config =
        support::small_settings_of(support::model_of(MultiTrackModel::hybrid, Condition::bass)).model;
    Architecture architecture = architecture_of(config);
    layers::Table& drums = architecture.generators.front().plan.parts.front().rows;
    REQUIRE(architecture.generators.front().name == "drums");
    std::rotate(drums.begin() + 1, drums.begin() + 5, drums.begin() + 6);
    for (int i = 1; i <= 5; ++i) drums[static_cast<std::size_t>(i)].joins = "";
    drums[1].joins = "2 x 1";  // 2 steps, as before; those of 6, 12, 24 and 48 steps have no counterpart
    for (std::size_t i = 0; i < drums.size() - 1; ++i) drums[i + 1].name = fmt::format("conv{}", i + 1);
    tensor::RandomStream random{1}, latents{2};
    const Model model(config, architecture, random);
    const tensor::Tensor given = tensor::Tensor::full({2, 384, 84, 1, 1}, -1.0);
    const Variable phrases = model(Latents::draw(latents, 2, architecture), given, Mode::training);
    CHECK(phrases.shape() == tensor::Shape{2, 384, 84, 5, 1});
    for (const layers::Parameter& parameter : model.parameters().trainable) {
        if (parameter.name == "generator.drums.bar.conv1.weight") CHECK(parameter.variable.shape()[0] == 3);
        if (parameter.name == "generator.guitar.bar.conv1.weight") CHECK(parameter.variable.shape()[0] == 2);
    }
}
