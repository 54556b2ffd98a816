// The generator of pages, in node, beside the program's: every kind of model and layer.
//
// Scripts compute with doubles, so what they make is compared with the same model in f64: there nothing but the
// rounding of their result to floats is left. From the program's floats both differ by what these lose, which is
// bounded below.
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "musegan/music/sampling.hpp"
#include "musegan/networks/streams.hpp"
#include "tests/musegan/pages/model_in_node.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using nlohmann::json;
using support::config_of;
using support::half_of;
using support::numbers_of;
using support::seed;
using support::with_model;

namespace {

/// Every layer, norm and join that presets of the program leave out: kernels that overlap, also along the tracks; zeros
/// around even kernels; dilation; parts that read several; layer norm; a bias per track in front of a norm.
constexpr const char* strange_preset = R"(
name = "strange"
makes = "phrases"
grids = [4]

[[generator]]
name = "shared"
rows = [
    { kind = "dense", name = "dense", channels = 7, result = [4, 3, 1], norm = "layer", activation = "relu" },
    { kind = "transposed", channels = 9, kernel = [4, 4, 1], stride = [2, 2, 1], norm = "batch", activation = "relu" },
    { kind = "none", norm = "layer", activation = "tanh" },
    { channels = 9, kernel = [3, 2, 1], stride = [1, 1, 1], padding = "same", norm = "layer", )"
                                       R"(activation = "leaky_relu", adds = "conv1" },
    { channels = 6, kernel = [2, 2, 1], stride = [1, 1, 1], dilation = [2, 1, 1], norm = "batch", )"
                                       R"(activation = "leaky_relu", slope = 0.3 },
    { kind = "transposed", channels = 5, kernel = [2, 1, 1] },
]

[[generator]]
name = "all"
rows = [
    { kind = "transposed", channels = 4, kernel = [4, 1, 3], stride = [4, 1, 2], norm = "batch", )"
                                       R"(bias_per_track = true, activation = "leaky_relu" },
    { kind = "transposed", channels = 4, kernel = [1, 1, 3], stride = [1, 1, 1], norm = "batch", activation = "relu" },
    { channels = 4, kernel = [3, 2, 2], stride = [1, 1, 1], padding = "same", norm = "batch", )"
                                       R"(activation = "tanh", adds = "conv2" },
]

[[generator]]
name = "private"
per_track = true
reads = ["shared"]
rows = [
    { kind = "transposed", channels = 3, kernel = [2, 1, 1], norm = "batch", activation = "relu" },
]

[[generator]]
name = "halves"
reads = ["shared"]
rows = [
    { kind = "transposed", channels = 2, kernel = [2, 1, 1], activation = "tanh" },
]

[[generator]]
name = "own"
per_track = true
reads = ["private", "halves"]
rows = [
    { channels = 5, kernel = [1, 2, 1], stride = [1, 1, 1], padding = "same", )"
                                       R"(activation = "leaky_relu", adds = "input" },
]

[[generator]]
name = "mixed"
reads = ["own", "halves"]
rows = [
    { kind = "transposed", channels = 4, kernel = [2, 1, "tracks"], norm = "layer", activation = "leaky_relu" },
]

[[generator]]
name = "whole"
reads = ["mixed", "all"]
rows = [
    { kind = "transposed", channels = 1, kernel = [1, 12, 1], bias_per_track = true, activation = "tanh" },
]

[[refiner]]
name = "first"
per_track = true
rows = [
    { kind = "none", norm = "batch", activation = "relu" },
    { channels = 3, kernel = [2, 4, 1], stride = [1, 1, 1], padding = "same", norm = "layer", activation = "relu" },
    { channels = 1, kernel = [3, 12, 1], stride = [1, 1, 1], padding = "same", adds = "input" },
]

[[refiner]]
name = "second"
rows = [
    { kind = "transposed", channels = 1, kernel = [1, 1, "tracks"] },
]

[[critic]]
rows = [{ kind = "dense", channels = 1 }]
)";

struct Case {
    std::string name;
    ModelConfig config;
};

Preset preset_from(const std::string& text) {
    const support::TemporaryFolder folder;
    support::write_text(folder / "strange.toml", text);
    return read_preset(folder / "strange.toml");
}

std::vector<Case> cases() {
    using enum MultiTrackModel;
    const Preset compact = find_preset("compact"), paper = find_preset("paper"), binary = find_preset("binary");
    const Preset strange = preset_from(strange_preset);
    std::vector<Case> list{{"compact", config_of(compact, composer, Condition::none, 4, 1)},
                           {"compact hybrid", config_of(compact, hybrid, Condition::none, 4, 0.25)},
                           {"compact given", config_of(compact, jamming, Condition::drums, 4, 0.25)},
                           {"compact stochastic", config_of(compact, hybrid, Condition::bass, 4, 0.25)},
                           {"paper", config_of(paper, composer, Condition::none, 24, 0.125)},
                           {"paper jamming", config_of(paper, jamming, Condition::none, 8, 0.0625)},
                           {"paper given", config_of(paper, hybrid, Condition::strings, 12, 0.0625)},
                           {"paper layer norm", config_of(paper, composer, Condition::piano, 4, 0.125)},
                           {"paper without norm", config_of(paper, hybrid, Condition::none, 4, 0.0625)},
                           {"binary", config_of(binary, composer, Condition::none, 24, 0.0625)},
                           {"binary given", config_of(binary, hybrid, Condition::guitar, 24, 0.0625)},
                           {"strange", config_of(strange, composer, Condition::none, 4, 1)},
                           {"strange refined", config_of(strange, composer, Condition::none, 4, 1)},
                           {"strange stochastic", config_of(strange, composer, Condition::none, 4, 1)}};
    for (Case& each : list) {
        const auto is = [&](const char* name) { return each.name == name; };
        if (is("binary") || is("strange refined")) each.config.output = Output::deterministic;
        if (is("compact stochastic") || is("binary given") || is("strange stochastic"))
            each.config.output = Output::stochastic;
        if (is("paper layer norm")) each.config.generator_norm = NormChoice::layer;
        if (is("paper without norm")) each.config.generator_norm = NormChoice::none;
    }
    return list;
}

/// A given track of notes by chance, [1, T, P, 1, 1]; no value for a model from scratch.
Tensor given_by_chance(const ModelConfig& config) {
    if (!config.given()) return {};
    std::mt19937 generator(9);
    std::vector<float> cells(static_cast<std::size_t>(config.shape.steps() * config.shape.pitches));
    for (float& cell : cells) cell = generator() % 10 == 0 ? 1.0f : -1.0f;
    return Tensor::from(cells, {1, config.shape.steps(), config.shape.pitches, 1, 1});
}

Latents in_f64(const Latents& latents) {
    Latents wide;
    for (const Tensor& vector : latents.vectors) wide.vectors.push_back(vector.cast(DType::f64));
    return wide;
}

std::vector<double> numbers_made(const Model& model, const Latents& latents, const Tensor& given, std::uint64_t k) {
    const autograd::NoGrad no_grad;
    tensor::RandomStream chance = stream_for(seed, Stream::neurons, k);
    return model(latents, given, {Mode::inference, &chance}).value().values<double>();
}

/// What floats can lose on the way through all layers, where values are around 1: each sum of n products is off by less
/// than n roundings, and so by n 2^-24.
double float_tolerance(const Model& model) {
    double roundings = 0;
    for (const tensor::Conv3dGeometry& geometry : model.convolutions())
        roundings += static_cast<double>(geometry.kernel.product() * geometry.in_channels);
    return roundings * 0x1p-24;
}

}  // namespace

TEST_CASE("model modules: numbers are those of the program to the last place, and cells but at the threshold") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    for (const Case& each : cases()) {
        CAPTURE(each.name);
        Model shaken = support::shaken_model(each.config, 3);
        shaken.set_neuron_slope(1.75);
        const io::SafetensorsFile file = support::written(shaken);
        const Model exact = load_model(half_of(file), DType::f64), floats = load_model(half_of(file));
        const Tensor given = given_by_chance(each.config);
        std::string cells = "null";
        if (given.defined()) {
            const std::vector<float> values = given.values<float>();
            cells = fmt::format("new Float32Array([{}])", fmt::join(values, ","));
        }
        const json results = support::run_in_node(with_model(
            file, "const model = openModel(about, bytes), given = " + cells +
                      ";\ndone([0, 70000].map(k => text(makeNumbers(model, drawLatents(model, {seed}, k), given, "
                      "{seed, k}))));"));
        std::int64_t on = 0, all = 0, differing = 0, beyond = 0;
        double furthest = 0, furthest_float = 0;
        const double tolerance = float_tolerance(floats);
        for (std::size_t i = 0; i < 2; ++i) {
            const std::uint64_t k = i == 0 ? 0 : 70000;
            const Latents latents = draw_latents(floats, {.seed = seed}, static_cast<std::int64_t>(k));
            const Tensor given_wide = given.defined() ? given.cast(DType::f64) : Tensor{};
            const std::vector<double> expected = numbers_made(exact, in_f64(latents), given_wide, k);
            const std::vector<double> program = numbers_made(floats, latents, given, k);
            const auto made = numbers_of<float>(results[i].get<std::string>());
            REQUIRE(made.size() == expected.size());
            for (std::size_t cell = 0; cell < made.size(); ++cell) {
                furthest = std::max(furthest, std::abs(made[cell] - expected[cell]));
                furthest_float = std::max(furthest_float, std::abs(made[cell] - program[cell]));
                all += 1;
                on += made[cell] > 0;
                if ((made[cell] > 0) == (program[cell] > 0)) continue;
                differing += 1;
                beyond += each.config.output == Output::tanh && std::abs(expected[cell]) > tolerance;
            }
        }
        MESSAGE(
            fmt::format("{}: {} cells, {} on, {} other than in floats; numbers at most {:.2g} from f64, {:.2g} from "
                        "f32 (tolerance {:.2g})",
                        each.name, all, on, differing, furthest, furthest_float, tolerance));
        CHECK(on > all / 50);
        CHECK(on < all - all / 50);
        // To the nearest float, and what the order of f64 sums leaves.
        CHECK(furthest <= 0x1p-25 + 1e-12);
        CHECK(beyond == 0);
        CHECK(differing <= all / 10'000);
        if (each.config.output == Output::tanh) CHECK(furthest_float <= tolerance);
    }
}

TEST_CASE("model modules: a phrase does not depend on those before it") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    for (const Case& each : cases()) {
        if (each.name != "strange stochastic" && each.name != "paper given") continue;
        CAPTURE(each.name);
        const json results = support::run_in_node(with_model(support::written(support::shaken_model(each.config)), R"(
            const model = openModel(about, bytes), fresh = openModel(about, bytes);
            const given = about.given == null ? null : new Float32Array(about.steps * about.pitches).fill(-1);
            const make = (model, k) => text(makeNumbers(model, drawLatents(model, {seed}, k), given, {seed, k}));
            done([[0, 1, 2, 1].map(k => make(model, k)), make(fresh, 1)]);)"));
        CHECK(results[0][1] == results[0][3]);
        CHECK(results[0][1] == results[1]);
        CHECK(results[0][0] != results[1]);
        CHECK(results[0][2] != results[1]);
    }
}
