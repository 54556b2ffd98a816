// Files of a run: whole or not there, and refused with the reason when they do not fit.
#include "musegan/training/checkpoint.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <limits>

#include "io/file.hpp"
#include "io/safetensors.hpp"
#include "musegan/music/generate.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
using support::small_phrases;
using support::small_settings;

namespace {

std::string load_failure(const std::filesystem::path& run, TrainingSettings settings, const std::string& data) {
    Training training(settings, small_phrases());
    const std::vector<float> before = training.state_tensors().front().tensor.values<float>();
    try {
        load_checkpoint(run, training, data);
    } catch (const tensor::Error& error) {
        // Refused means untouched.
        CHECK(training.state_tensors().front().tensor.values<float>() == before);
        CHECK(training.steps() == 0);
        return error.what();
    }
    return {};
}

/// A copy of a state whose metadata differ in some keys ("" leaves a key out); the folder that it is in.
std::filesystem::path rewritten_state(const std::filesystem::path& run, const std::string& name,
                                      const io::Metadata& changes) {
    const io::SafetensorsFile good = io::SafetensorsFile::open(RunFolder(run).state());
    io::Metadata metadata = changes;
    metadata.merge(io::Metadata(good.metadata()));
    io::SafetensorsWriter writer;
    for (const auto& [key, value] : metadata)
        if (!value.empty()) writer.metadata(key, value);
    for (const io::SafetensorsEntry& entry : good.entries())
        writer.add_bytes(entry.name, entry.dtype, entry.shape, entry.bytes);
    std::filesystem::create_directory(run / name);
    writer.write(RunFolder(run / name).state());
    return run / name;
}

}  // namespace

TEST_CASE("settings survive a checkpoint") {
    support::TemporaryFolder folder;
    TrainingSettings settings = small_settings();
    settings.adam.rate = 3.7e-4;
    settings.schedule = CriticSchedule::published_2017;
    settings.seed = 0xFFFFFFFFFFFFFFFFull;
    save_checkpoint(folder.path(), Training(settings, small_phrases()), "data");
    const TrainingSettings read = checkpoint_settings(folder.path());
    CHECK(read.model == settings.model.with_lengths());
    CHECK(read.batch == settings.batch);
    CHECK(read.adam.rate == settings.adam.rate);
    CHECK(read.schedule == settings.schedule);
    CHECK(read.seed == settings.seed);
}

TEST_CASE("every setting has a key, is compared on resuming, and is refused with unknown text, by name") {
    support::TemporaryFolder folder;
    save_checkpoint(folder.path(), Training(small_settings(), small_phrases()), "data");
    // Another valid text for each setting that has one, and what has to change with it. All models so far have five
    // tracks and four bars; z_t follows from the total and z, and a composer has no vectors per track.
    const std::map<std::string, io::Metadata> others{
        {"model", {{"model", "jamming"}, {"latent_shared", "0"}, {"latent_temporal", "0"}}},
        {"condition", {{"condition", "drums"}}},
        {"width", {{"width", "0.5"}}},
        {"output", {{"output", "stochastic"}}},
        {"generator_norm", {{"generator_norm", "none"}}},
        {"critic_norm", {{"critic_norm", "layer"}}},
        {"weight_start", {{"weight_start", "fan_in"}}},
        {"latent_deviation", {{"latent_deviation", "0.5"}}},
        {"networks", {}},
        {"latent_length", {{"latent_length", "64"}, {"latent_shared", "32"}, {"latent_temporal", "32"}}},
        {"latent_shared", {{"latent_shared", "60"}, {"latent_temporal", "68"}}},
        {"latent_temporal", {}},
        {"latent_track", {}},
        {"latent_track_temporal", {}},
        {"resolution", {{"resolution", "12"}}},
        {"bars", {}},
        {"lowest_pitch", {{"lowest_pitch", "36"}}},
        {"pitches", {{"pitches", "72"}}},
        {"track_names", {}},
        {"batch", {{"batch", "9"}}},
        {"critic_steps", {{"critic_steps", "9"}}},
        {"schedule", {{"schedule", "2017"}}},
        {"penalty_weight", {{"penalty_weight", "9"}}},
        {"loss", {{"loss", "hinge"}}},
        {"penalty_sides", {{"penalty_sides", "one"}}},
        {"clip", {{"clip", "0.5"}}},
        {"allow_critic_batch_norm", {{"allow_critic_batch_norm", "yes"}}},
        {"freeze_generator", {}},
        {"average", {{"average", "0.5"}}},
        {"neuron_growth", {{"neuron_growth", "2"}}},
        {"neuron_steepest", {{"neuron_steepest", "9"}}},
        {"rate", {{"rate", "0.5"}}},
        {"beta1", {{"beta1", "0.75"}}},
        {"beta2", {{"beta2", "0.75"}}},
        {"adam_epsilon", {{"adam_epsilon", "0.5"}}},
        {"seed", {{"seed", "9"}}},
        {"dtype", {{"dtype", "f64"}}},
        {"precision", {{"precision", "tf32"}}},
        {"fusion", {{"fusion", "off"}}},
        {"gather_launches", {{"gather_launches", "no"}}},
        {"passes", {{"passes", "in_turn"}}}};
    TrainingSettings settings = small_settings();
    settings.model = settings.model.with_lengths();
    for (const io::Setting& setting : settings_of(settings)) {
        CAPTURE(setting.key);
        REQUIRE(others.contains(setting.key));
        const io::Metadata& other = others.at(setting.key);
        if (!other.empty())
            CHECK(load_failure(rewritten_state(folder.path(), setting.key, other), small_settings(), "data")
                      .find(fmt::format("{} is {} in this run, now {} (resume", setting.key, other.at(setting.key),
                                        setting.text())) != std::string::npos);
        const auto odd = rewritten_state(folder.path(), setting.key + "_odd", {{setting.key, "neither"}});
        const std::string expected = fmt::format("{} is 'neither', expected {}", setting.key, setting.expected);
        CHECK(load_failure(odd, small_settings(), "data").find(expected) != std::string::npos);
        CHECK_THROWS_WITH_AS(checkpoint_settings(odd), doctest::Contains(expected.c_str()), tensor::Error);
    }
    CHECK(others.size() == static_cast<std::size_t>(std::ranges::distance(settings_of(settings))));
}

TEST_CASE("a state or a model whose shape is none is refused by the name of its file") {
    support::TemporaryFolder folder;
    save_checkpoint(folder.path(), Training(small_settings(), small_phrases()), "data");
    const auto high = rewritten_state(folder.path(), "high", {{"lowest_pitch", "60"}});
    const std::string expected =
        fmt::format("[{}] 84 pitches from MIDI pitch 60 on, expected", RunFolder(high).state().string());
    CHECK(load_failure(high, small_settings(), "data").starts_with(expected));
    CHECK_THROWS_WITH_AS(load_model(RunFolder(high).state()), doctest::Contains(expected.c_str()), tensor::Error);
    const auto five = rewritten_state(folder.path(), "five", {{"bars", "5"}});
    CHECK(load_failure(five, small_settings(), "data").find("phrases of 5 bars, expected 4") != std::string::npos);
    // Another grid than that of its tensors.
    const auto coarse = rewritten_state(folder.path(), "coarse", {{"resolution", "12"}});
    CHECK_THROWS_WITH_AS(load_model(RunFolder(coarse).state()), doctest::Contains("12 steps per beat"), tensor::Error);
}

TEST_CASE("settings are compared by value, not by how a file writes them") {
    support::TemporaryFolder folder;
    save_checkpoint(folder.path(), Training(small_settings(), small_phrases()), "data");
    const auto other = rewritten_state(folder.path(), "other", {{"rate", "2e-4"}, {"beta1", "0.50"}});
    CHECK(load_failure(other, small_settings(), "data").empty());
    const auto shares = rewritten_state(folder.path(), "shares", {{"latent_shared", "0"}, {"latent_temporal", "0"}});
    CHECK(load_failure(shares, small_settings(), "data").empty());
}

TEST_CASE("a state from before there were six models is a composer whose latents add up, whatever their length") {
    support::TemporaryFolder folder;
    TrainingSettings settings = small_settings();
    settings.model.latents = {.total = 24, .shared = 16, .temporal = 8};
    save_checkpoint(folder.path(), Training(settings, small_phrases()), "data");
    const auto older = rewritten_state(
        folder.path(), "older",
        {{"condition", ""}, {"latent_length", ""}, {"latent_track", ""}, {"latent_track_temporal", ""}});
    CHECK(checkpoint_settings(older).model == settings.model);
    CHECK(load_failure(older, settings, "data").empty());
    CHECK(load_model(RunFolder(older).state()).config() == settings.model);
}

TEST_CASE("a state from before there were grids, passes and plain runs said in parts is of the paper's grid") {
    support::TemporaryFolder folder;
    TrainingSettings plain = small_settings();
    plain.make_plain();
    save_checkpoint(folder.path(), Training(plain, small_phrases()), "data");
    io::Metadata then{{"plain", "yes"}};
    for (const char* key :
         {"resolution", "bars", "lowest_pitch", "pitches", "track_names", "fusion", "gather_launches", "passes"})
        then[key] = "";
    const auto older = rewritten_state(folder.path(), "older", then);
    CHECK(checkpoint_settings(older).model.shape == paper_shape);
    CHECK(checkpoint_settings(older).execution == plain.execution);
    CHECK(checkpoint_settings(older).passes == CriticPasses::in_turn);
    CHECK(load_failure(older, plain, "data").empty());
    CHECK(load_failure(older, small_settings(), "data").find("fusion is off in this run, now automatic") !=
          std::string::npos);
    then["plain"] = "perhaps";
    CHECK(
        load_failure(rewritten_state(folder.path(), "odd", then), plain, "data").find("plain is 'perhaps', expected") !=
        std::string::npos);
}

TEST_CASE("a checkpoint of other settings, other data or another width is refused and changes nothing") {
    support::TemporaryFolder folder;
    save_checkpoint(folder.path(), Training(small_settings(), small_phrases()), "data");
    TrainingSettings other = small_settings();
    other.batch = 3;
    CHECK(load_failure(folder.path(), other, "data").find("batch is 2 in this run, now 3") != std::string::npos);
    other = small_settings();
    other.model.width = 1.0 / 16;
    CHECK(load_failure(folder.path(), other, "data").find("width is 0.03125 in this run, now 0.0625") !=
          std::string::npos);
    CHECK(load_failure(folder.path(), small_settings(), "others").find("other data (data), now others") !=
          std::string::npos);
    CHECK(load_failure(folder.path() / "none", small_settings(), "data").find("no state.safetensors") !=
          std::string::npos);
}

TEST_CASE("a checkpoint holds the precision, and one from before there were several is of f32") {
    support::TemporaryFolder folder;
    const auto rewritten = [&](const std::string& name, const std::string& precision) {
        return rewritten_state(folder.path(), name, {{"precision", precision}});
    };
    save_checkpoint(folder.path(), Training(small_settings(), small_phrases()), "data");
    CHECK(io::SafetensorsFile::open(RunFolder(folder.path()).state()).metadata("precision") == "f32");
    CHECK(io::SafetensorsFile::open(RunFolder(folder.path()).model()).metadata("precision") == "f32");
    CHECK(checkpoint_settings(folder.path()).execution.precision == tensor::Precision::f32);
    const auto older = rewritten("older", "");
    CHECK(checkpoint_settings(older).execution.precision == tensor::Precision::f32);
    CHECK(load_failure(older, small_settings(), "data").empty());
    const auto rounded = rewritten("rounded", "tf32");
    CHECK(checkpoint_settings(rounded).execution.precision == tensor::Precision::tf32);
    CHECK(load_failure(rounded, small_settings(), "data").find("precision is tf32 in this run, now f32") !=
          std::string::npos);
    CHECK(checkpoint_settings(rewritten("short", "bf16")).execution.precision == tensor::Precision::bf16);
    CHECK_THROWS_WITH_AS(checkpoint_settings(rewritten("odd", "fp8")),
                         doctest::Contains("'fp8', expected f32, tf32 or bf16"), tensor::Error);
}

TEST_CASE("a checkpoint cut short is refused") {
    support::TemporaryFolder folder;
    save_checkpoint(folder.path(), Training(small_settings(), small_phrases()), "data");
    std::filesystem::resize_file(RunFolder(folder.path()).state(),
                                 std::filesystem::file_size(RunFolder(folder.path()).state()) - 100);
    CHECK(load_failure(folder.path(), small_settings(), "data").find("state.safetensors") != std::string::npos);
}

TEST_CASE("a model with a tensor of another shape or without one is refused by name") {
    support::TemporaryFolder folder;
    save_checkpoint(folder.path(), Training(small_settings(), small_phrases()), "data");
    const io::SafetensorsFile good = io::SafetensorsFile::open(RunFolder(folder.path()).model());
    const auto rewritten = [&](const std::string& victim, bool keep) {
        io::SafetensorsWriter writer;
        for (const auto& [key, value] : good.metadata()) writer.metadata(key, value);
        for (const io::SafetensorsEntry& entry : good.entries()) {
            if (entry.name != victim) writer.add_bytes(entry.name, entry.dtype, entry.shape, entry.bytes);
            else if (keep) writer.add(entry.name, tensor::Tensor::zeros({3, 3}));
        }
        const std::filesystem::path path = folder.path() / "changed.safetensors";
        writer.write(path);
        try {
            load_model(path);
        } catch (const tensor::Error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    const std::string name = "generator.bar.conv3.weight";
    CHECK(rewritten(name, true).find(name + " is [3, 3], expected") != std::string::npos);
    CHECK(rewritten(name, false).find(name) != std::string::npos);
    CHECK(rewritten("no such tensor", true).empty());
}

TEST_CASE("a model with a weight that is not finite is refused by name") {
    support::TemporaryFolder folder;
    Training training(small_settings(), small_phrases());
    for (const layers::NamedTensor& entry : training.state_tensors())
        if (entry.name == "generator.bar.conv7.weight") {
            tensor::Tensor weight = entry.tensor;
            weight.data<float>()[0] = std::numeric_limits<float>::infinity();
        }
    save_checkpoint(folder.path(), training, "data");
    CHECK_THROWS_WITH_AS(load_model(RunFolder(folder.path()).model()),
                         doctest::Contains("generator.bar.conv7.weight holds"), tensor::Error);
}

TEST_CASE("a checkpoint with a damaged counter is refused") {
    support::TemporaryFolder folder;
    save_checkpoint(folder.path(), Training(small_settings(), small_phrases()), "data");
    const io::SafetensorsFile good = io::SafetensorsFile::open(RunFolder(folder.path()).state());
    io::SafetensorsWriter writer;
    for (const auto& [key, value] : good.metadata())
        writer.metadata(key, key == "batch_position" ? "9223372036854775807" : value);
    for (const io::SafetensorsEntry& entry : good.entries())
        writer.add_bytes(entry.name, entry.dtype, entry.shape, entry.bytes);
    std::filesystem::create_directory(folder.path() / "damaged");
    writer.write(RunFolder(folder.path() / "damaged").state());
    CHECK(load_failure(folder.path() / "damaged", small_settings(), "data")
              .find("batch_position is '9223372036854775807', expected 0 to 9007199254740992") != std::string::npos);
}

TEST_CASE("a dataset is no model") {
    support::TemporaryFolder folder;
    io::SafetensorsWriter writer;
    writer.metadata("format", "musegan dataset");
    writer.write(folder.path() / "data.safetensors");
    CHECK_THROWS_WITH_AS(load_model(folder.path() / "data.safetensors"), doctest::Contains("expected 'musegan model'"),
                         tensor::Error);
}

TEST_CASE("a checkpoint that cannot be written leaves nothing behind and the earlier one whole") {
    support::TemporaryFolder folder;
    Training training(small_settings(), small_phrases());
    save_checkpoint(folder.path(), training, "data");
    const auto before = io::read_file(RunFolder(folder.path()).state(), 1 << 30);
    // A folder in the place of the temporary file's target cannot be replaced by a file.
    const std::filesystem::path blocked = folder.path() / "blocked";
    std::filesystem::create_directories(RunFolder(blocked).state());
    CHECK_THROWS_AS(save_checkpoint(blocked, training, "data"), tensor::Error);
    CHECK(io::read_file(RunFolder(folder.path()).state(), 1 << 30) == before);
    for (const auto& entry : std::filesystem::directory_iterator(blocked))
        CHECK(entry.path() == RunFolder(blocked).state());
}

TEST_CASE("a generator from a file makes the phrases of the one that was saved") {
    support::TemporaryFolder folder;
    Training training(small_settings(), small_phrases());
    training.step();
    save_checkpoint(folder.path(), training, "data");
    const Model loaded = load_model(RunFolder(folder.path()).model());
    const GenerateOptions options{.phrases = 2, .sampling = {.seed = 5, .binarize = Binarize::bernoulli}};
    CHECK(generate_phrases(loaded, options) == generate_phrases(training.model(), options));
    const Model from_state = load_model(RunFolder(folder.path()).state());
    CHECK(generate_phrases(from_state, options) == generate_phrases(loaded, options));
}
