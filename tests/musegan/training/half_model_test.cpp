// A model in half floats: what is in it, that it loads and makes music as any other, and what it cannot hold.
#include "musegan/training/half_model.hpp"

#include <doctest/doctest.h>

#include "io/atomic_file.hpp"
#include "musegan/music/generate.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/f16.hpp"
#include "tests/musegan/written_model.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

namespace {

ModelConfig compact_given_drums() {
    ModelConfig config;
    config.preset = find_preset("compact");
    config.shape.steps_per_beat = 4;
    config.model = MultiTrackModel::hybrid;
    config.condition = Condition::drums;
    config.latents.deviation = 1.0;
    return config;
}

io::SafetensorsFile half_of(const io::SafetensorsFile& file) {
    return io::SafetensorsFile::parse(half_model(file), "half.safetensors");
}

void set_first(const Model& model, const std::string& name, float value) {
    for (const layers::NamedTensor& entry : tensors_of(model.parameters()))
        if (entry.name == name) {
            std::vector<float> values = entry.tensor.values<float>();
            values.front() = value;
            Tensor target = entry.tensor;
            tensor::assign(Tensor::from(values, entry.tensor.shape()), target);
            return;
        }
    FAIL("no tensor " << name);
}

}  // namespace

TEST_CASE("a half model has what makes phrases: arrays to the nearest half, vectors as they were") {
    const Model model = support::shaken_model(compact_given_drums());
    const io::SafetensorsFile whole = support::written(model), half = half_of(whole);
    CHECK(half.has_checksums());
    CHECK(half.metadata() == whole.metadata());
    const std::vector<layers::NamedTensor> expected = tensors_of(model.parameters());
    CHECK(half.entries().size() == expected.size());
    CHECK_FALSE(half.contains("critic.dense1.weight"));
    CHECK(half.contains("encoder.conv1.norm.running_mean"));
    std::int64_t changed = 0;
    for (const layers::NamedTensor& entry : expected) {
        const bool is_vector = entry.tensor.shape().rank() == 1;
        CHECK(half.at(entry.name).dtype == (is_vector ? "F32" : "F16"));
        const std::vector<float> before = entry.tensor.values<float>(), now = half.tensor(entry.name).values<float>();
        REQUIRE(now.size() == before.size());
        for (std::size_t i = 0; i < now.size(); ++i) {
            REQUIRE(now[i] == (is_vector ? before[i] : tensor::from_f16(tensor::to_f16(before[i]))));
            changed += now[i] != before[i];
        }
    }
    CHECK(changed > 1000);
}

TEST_CASE("load_model takes a half model, which makes the same music each time and is its own half") {
    const io::SafetensorsFile whole = support::written(support::shaken_model(compact_given_drums()));
    support::TemporaryFolder folder;
    io::write_file_atomically(folder / "half.safetensors", half_model(whole));
    const Model loaded = load_model(folder / "half.safetensors");
    CHECK(loaded.config() == load_model(whole).config());
    PackedPhrases given{loaded.config().shape};
    given.bits.assign(static_cast<std::size_t>(given.shape.bytes()), 0x21);
    const GenerateOptions options{.phrases = 3, .sampling = {.seed = 5}};
    const PackedPhrases phrases = generate_phrases(loaded, options, given);
    CHECK(phrases == generate_phrases(load_model(half_of(whole)), options, given));
    CHECK(phrases != generate_phrases(load_model(whole), {.phrases = 3, .sampling = {.seed = 6}}, given));
    const io::SafetensorsFile half = io::SafetensorsFile::open(folder / "half.safetensors");
    CHECK(half_model(half) == half_model(whole));
}

TEST_CASE("what is too large for a half float is refused by its array, and a vector may hold it") {
    const Model model = support::shaken_model(compact_given_drums());
    set_first(model, "encoder.conv1.bias", 1e6f);
    set_first(model, "generator.bass.shared.conv2.weight", -65504.0f);
    CHECK(half_of(support::written(model)).tensor("encoder.conv1.bias").values<float>().front() == 1e6f);
    set_first(model, "generator.bass.shared.conv2.weight", -65505.0f);
    CHECK(support::message_of([&] { half_model(support::written(model)); }) ==
          "[shaken.safetensors] generator.bass.shared.conv2.weight holds -65505, expected at most 65504 in size, the "
          "largest half float");
}

TEST_CASE("a file that is no model has no half") {
    io::SafetensorsWriter writer;
    const io::SafetensorsFile file = io::SafetensorsFile::parse(writer.serialize(), "none.safetensors");
    CHECK(support::contains_all(support::message_of([&] { half_model(file); }), {"[none.safetensors] format ''"}));
}
