// What goes into a page's generator and comes out of it, in node: random vectors, files, cells and notes.
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "musegan/music/sampling.hpp"
#include "musegan/pages/base64.hpp"
#include "tensor/elementwise.hpp"
#include "tests/musegan/pages/model_in_node.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using nlohmann::json;
using support::config_of;
using support::half_of;
using support::numbers_of;
using support::seed;
using support::with_model;

TEST_CASE("model modules: random vectors are those of the program as floats, for every seed and phrase") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    ModelConfig config = config_of(find_preset("paper"), MultiTrackModel::hybrid, Condition::none, 4, 1.0 / 32);
    config.latents.deviation = 0.1;
    config.latents.total = 300;  // 75 of each kind, which are no whole blocks of four
    const io::SafetensorsFile file = support::written(support::shaken_model(config));
    const Model model = load_model(half_of(file));
    const json results = support::run_in_node(with_model(file, R"(
        const model = openModel(about, bytes), seeds = [0n, 7, 2 ** 53 - 1, 0xFFFFFFFFFFFFFFFFn, seed];
        done(seeds.map(seed => [0, 1, 2 ** 24 + 3, 2 ** 32 - 1].map(k =>
          drawLatents(model, {seed, temperature: 0.7}, k).map(text))));)"));
    const std::uint64_t seeds[]{0, 7, (std::uint64_t{1} << 53) - 1, ~std::uint64_t{0}, seed};
    const std::int64_t phrases[]{0, 1, (1 << 24) + 3, 0xFFFFFFFF};
    std::int64_t all = 0, differing = 0;
    for (std::size_t i = 0; i < 5; ++i)
        for (std::size_t k = 0; k < 4; ++k) {
            const Latents expected = draw_latents(model, {.seed = seeds[i], .temperature = 0.7}, phrases[k]);
            REQUIRE(results[i][k].size() == expected.vectors.size());
            for (std::size_t slot = 0; slot < expected.vectors.size(); ++slot) {
                const std::vector<float> numbers = expected.vectors[slot].values<float>();
                const auto drawn = numbers_of<float>(results[i][k][slot].get<std::string>());
                REQUIRE(drawn.size() == numbers.size());
                for (std::size_t n = 0; n < numbers.size(); ++n) {
                    all += 1;
                    differing += drawn[n] != numbers[n];
                    // Where the logarithm, the cosine or the sine of a library is another one in the last place.
                    REQUIRE(std::abs(drawn[n] - numbers[n]) <= std::abs(numbers[n]) * 0x1p-23f);
                }
            }
        }
    MESSAGE(fmt::format("{} of {} random numbers differ in their last place", differing, all));
    CHECK(all == 20 * 12 * 75);
    CHECK(differing <= all / 10'000);
}

TEST_CASE("model modules: vectors redrawn in part, and the way between two phrases, are those of the program") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const ModelConfig config = config_of(find_preset("compact"), MultiTrackModel::hybrid, Condition::none, 4, 0.25);
    const io::SafetensorsFile file = support::written(support::shaken_model(config));
    const Model model = load_model(half_of(file));
    const json results = support::run_in_node(with_model(file, R"(
        const model = openModel(about, bytes), [a, b] = [0, 1].map(k => drawLatents(model, {seed}, k));
        const opposite = a.map(vector => vector.map(value => -value)), none = a.map(vector => vector.map(() => 0));
        done({redrawn: redrawn(model, a, b, slot => slot.track === 1).map(text),
          between: [0, 0.25, 0.5, 0.9, 1].map(t => between(a, b, t).map(text)),
          others: [opposite, none, a].map(other => between(a, other, 0.25).map(text))});)"));
    const Latents a = draw_latents(model, {.seed = seed}, 0), b = draw_latents(model, {.seed = seed}, 1);
    const auto scaled = [&](double factor) {
        Latents other;
        for (const Tensor& vector : a.vectors) other.vectors.push_back(tensor::scale(vector, factor));
        return other;
    };
    const auto require_equal = [](const json& texts, const Latents& expected) {
        REQUIRE(texts.size() == expected.vectors.size());
        for (std::size_t slot = 0; slot < texts.size(); ++slot) {
            const auto values = numbers_of<float>(texts[slot].get<std::string>());
            const std::vector<float> numbers = expected.vectors[slot].values<float>();
            REQUIRE(values.size() == numbers.size());
            for (std::size_t n = 0; n < numbers.size(); ++n)
                REQUIRE(std::abs(values[n] - numbers[n]) <= std::abs(numbers[n]) * 0x1p-23f);
        }
    };
    require_equal(results["redrawn"], redrawn(a, b, model.architecture(), [](auto& slot) { return slot.track == 1; }));
    const double places[]{0, 0.25, 0.5, 0.9, 1};
    for (std::size_t i = 0; i < 5; ++i) require_equal(results["between"][i], between(a, b, places[i], Way::spherical));
    const double factors[]{-1, 0, 1};
    for (std::size_t i = 0; i < 3; ++i)
        require_equal(results["others"][i], between(a, scaled(factors[i]), 0.25, Way::spherical));
}

TEST_CASE("model modules: cells and notes are those of the program on every grid, at every threshold") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    for (const int grid : PhraseShape::grids) {
        CAPTURE(grid);
        const PhraseShape shape = paper_shape.on_grid(grid);
        std::vector<float> numbers(static_cast<std::size_t>(shape.cells()));
        std::mt19937 generator(static_cast<unsigned>(grid));
        for (float& number : numbers) number = std::uniform_real_distribution<float>(-1, 1)(generator);
        numbers.front() = 0.25f;
        const std::span<const std::uint8_t> raw(reinterpret_cast<const std::uint8_t*>(numbers.data()),
                                                4 * numbers.size());
        const json results = support::run_in_node(
            "import {cellsAbove, notesOfCells} from './model/cells.js';\nconst about = " +
            json{{"steps", shape.steps()}, {"stepsPerBeat", grid}, {"pitches", shape.pitches}}.dump() +
            ";\nconst numbers = new Float32Array(new Uint8Array(Buffer.from('" + base64(raw) +
            "', 'base64')).buffer);\ndone([-0.5, 0, 0.25, 0.9].map(threshold => notesOfCells(cellsAbove(numbers, "
            "threshold), about).map(notes => notes.map(({begin, pitch, length}) => [begin, pitch, length]))));");
        const double thresholds[]{-0.5, 0, 0.25, 0.9};
        for (std::size_t i = 0; i < 4; ++i) {
            const PackedPhrases phrase = pack_phrases(shape, std::span<const float>(numbers), thresholds[i]);
            std::vector<json> expected(n_tracks, json::array());
            for (const Run& run : note_runs(shape, phrase.bits))
                expected[static_cast<std::size_t>(run.track)].push_back({run.begin, run.pitch, run.length()});
            CHECK(results[i] == json(expected));
        }
    }
}

TEST_CASE("model modules: a damaged model is refused in one line, and inputs that do not fit likewise") {
    if (!support::has_node()) SKIP_TEST(support::no_node);
    const ModelConfig config = config_of(find_preset("compact"), MultiTrackModel::composer, Condition::drums, 4, 0.125);
    const io::SafetensorsFile file = support::written(support::shaken_model(config));
    const json results = support::run_in_node(with_model(file, R"(
        const said = action => {
          try {
            action();
          } catch (error) {
            return error.message;
          }
          return 'nothing was thrown';
        };
        const opened = changed => said(() => openModel(about, changed));
        /** The file with words of its header replaced by as long ones. */
        const replaced = (word, other) => {
          const text = Buffer.from(bytes).toString('latin1');
          if (!text.includes(word) || word.length !== other.length) throw new Error(word);
          return new Uint8Array(Buffer.from(text.replace(word, other), 'latin1'));
        };
        const cuts = Array.from({length: 40}, (_, k) => Math.floor(k * bytes.length / 40));
        const last = Uint8Array.from(bytes).fill(0xFF, bytes.length - 8), model = openModel(about, bytes);
        const vectors = drawLatents(model, {seed}, 0), given = new Float32Array(about.steps * about.pitches).fill(-1);
        done({cuts: cuts.map(cut => opened(bytes.slice(0, cut))), whole: opened(bytes),
          dtype: opened(replaced('"F16"', '"I16"')), missing: opened(replaced('"encoder.conv1.', '"encoder.conv9.')),
          shape: opened(replaced('"shape":[1,12,1,1,', '"shape":[12,1,1,1,')), json: opened(replaced('{"__', '{__"')),
          nan: opened(last), offsets: opened(replaced('"data_offsets"', '"data_offsetz"')),
          vectors: said(() => makeNumbers(model, vectors.slice(1), given)),
          track: said(() => makeNumbers(model, vectors, null)),
          fine: said(() => makeNumbers(model, vectors, given))});)"));
    for (const json& message : results["cuts"]) {
        const auto text = message.get<std::string>();
        CHECK(text.starts_with("model: "));
        CHECK(text.find('\n') == std::string::npos);
    }
    const auto says = [&](const char* what, const char* words) {
        CAPTURE(results[what]);
        CHECK(results[what].get<std::string>().find(words) != std::string::npos);
    };
    says("whole", "nothing was thrown");
    says("fine", "nothing was thrown");
    says("dtype", "has dtype I16, expected F32 or F16");
    says("missing", "model: there is no array 'encoder.conv1.");
    says("shape", "is [12,1,1,1,");
    says("json", "the header is no JSON");
    says("nan", "holds a number that is not finite");
    says("offsets", "has no shape or no place in the file");
    says("vectors", "model: random vectors of other lengths than [128]");
    says("track", "model: a given track of 0 cells, expected 5376 for a compact composer given drums");
}
