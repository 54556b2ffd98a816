// Any bytes give a preset or a tensor::Error, and so do its networks for every model. A preset comes back from TOML as
// it went; networks that were accepted can be built, and trained for a step, where tensors have shapes alone.
#include <set>
#include <string>
#include <string_view>

#include "musegan/networks/architecture.hpp"
#include "musegan/networks/preset_texts.hpp"
#include "musegan/networks/presets.hpp"
#include "musegan/training/config.hpp"
#include "musegan/training/training.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace {

using namespace musegan;

/// Runs `work`, and says whether it threw no Error.
template <typename Work>
bool succeeds(const Work& work) {
    try {
        work();
    } catch (const tensor::Error&) {
        return false;
    }
    return true;
}

/// Runs `work`, which must not throw an Error.
template <typename Work>
void must_succeed(const char* what, const Work& work) {
    try {
        work();
    } catch (const tensor::Error& error) {
        fuzz::require(false, (std::string(what) + ": " + error.what()).c_str());
    }
}

void comes_back(const Preset& preset) {
    const std::string text = preset_toml(preset);
    must_succeed("what was written can be read", [&] {
        const Preset again = parse_preset(text, "again");
        fuzz::require(again == preset, "a preset comes back as it went");
        fuzz::require(preset_toml(again) == text, "and is written likewise");
    });
}

/// Settings that are taken reproduce themselves.
void settings_come_back(const Preset& preset) {
    RunOptions options, again;
    if (!succeeds([&] { take_preset(preset, options); })) return;
    const std::string text = config_toml(options);
    must_succeed("a configuration can be taken", [&] { take_preset(parse_preset(text, "again"), again); });
    fuzz::require(config_toml(again) == text, "a configuration comes back");
}

/// All models of the preset: those whose networks are accepted.
std::vector<ModelConfig> accepted_models(const Preset& preset) {
    std::vector<ModelConfig> accepted;
    ModelConfig config;
    config.preset = preset;
    for (const int grid : std::set<int>(preset.grids.begin(), preset.grids.end()))
        for (const MultiTrackModel model :
             {MultiTrackModel::composer, MultiTrackModel::jamming, MultiTrackModel::hybrid})
            for (const Condition condition : {Condition::none, Condition::piano})
                for (const Output output : {Output::tanh, Output::stochastic}) {
                    config.shape.steps_per_beat = grid;
                    config.model = model;
                    config.condition = condition;
                    config.output = output;
                    if (succeeds([&] { architecture_of(config); })) accepted.push_back(config);
                }
    return accepted;
}

/// What was accepted fits in every place where it is used.
void train_dry(const ModelConfig& model) {
    TrainingSettings settings;
    settings.model = model;
    settings.batch = 2;
    settings.critic_steps = 1;
    settings.allow_critic_batch_norm = true;
    settings.device = tensor::Device::dry();
    must_succeed("accepted networks are trained", [&] {
        const Rehearsal rehearsal = rehearse(settings, 8);
        fuzz::require(rehearsal.peak_bytes > 0 && rehearsal.critic_update_flops >= 0, "what it costs is a number");
        tensor::RandomStream random;
        const Model built(model, random, tensor::DType::f32, tensor::Device::dry());
        fuzz::require(built.output_shifts().size() >= 1 && built.flops(2) >= 0, "its outputs can be shifted");
        std::set<std::string> names;
        for (const layers::NamedTensor& entry : tensors_of(built.parameters()))
            fuzz::require(names.insert(entry.name).second, "names of parameters differ");
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    Preset preset;
    if (!succeeds([&] { preset = parse_preset(text, "fuzz"); })) return 0;
    comes_back(preset);
    settings_come_back(preset);
    const std::vector<ModelConfig> accepted = accepted_models(preset);
    // One of them, for time; which one differs from input to input.
    if (!accepted.empty()) train_dry(accepted[size % accepted.size()]);
    return 0;
}

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    std::vector<std::vector<std::uint8_t>> files;
    const auto add = [&](std::string_view text) { files.emplace_back(text.begin(), text.end()); };
    for (const io::EmbeddedText& preset : preset_texts()) add(preset.text);
    for (const std::string& name : preset_names()) add(preset_toml(preset_named(name)));  // without comments
    add(R"(name = "small"
makes = "phrases"
grids = [4, 8]
[settings]
steps_per_beat = 4
rate = 1e-3
loss = "hinge"
[[generator]]
rows = [
    { kind = "transposed", channels = 4, kernel = ["bar", 12, 1], norm = "batch", activation = "relu" },
    { kind = "transposed", channels = 2, kernel = [4, "octaves", "tracks"], )"
        R"(bias_per_track = true, activation = "tanh", grids = [8] },
    { kind = "dense", channels = 1, result = [64, 84, "tracks"], activation = "tanh", grids = [4] },
]
[[critic]]
rows = [{ kind = "dense", channels = 1 }]
)");
    add(R"(name = "bars"
makes = "bars"
grids = [4]
[[temporal]]
rows = [{ kind = "transposed", channels = "latent", kernel = [4, 1, 1] }]
[[generator]]
name = "a"
rows = [{ name = "x", kind = "transposed", channels = 3, kernel = [4, 12, "tracks"], )"
        R"(norm = "layer", activation = "leaky_relu", slope = 0.5 }]
[[generator]]
name = "b"
reads = ["a", "latents"]
rows = [{ kind = "dense", channels = 1, result = [16, 84, "tracks"], activation = "tanh" }]
[[encoder]]
rows = [{ channels = 2, kernel = [16, 84, 1], map = "m" }]
[[refiner]]
per_track = true
rows = [
    { channels = 1, kernel = [3, 3, 1], stride = [1, 1, 1], padding = "same", adds = "input" },
    { kind = "none", norm = "batch" },
]
[[critic]]
name = "seen"
per_track = true
reads = ["phrases"]
rows = [{ channels = 2, kernel = [64, 84, 1], activation = "leaky_relu" }]
[[critic]]
name = "chroma"
reads = ["chromas"]
rows = [{ channels = 2, kernel = [16, 12, "tracks"], dilation = [1, 1, 1] }]
[[critic]]
name = "onset"
reads = ["onsets"]
rows = [{ channels = 2, kernel = [64, 1, "tracks"] }]
[[critic]]
reads = ["seen", "chroma", "onset"]
rows = [{ kind = "dense", channels = 1 }]
)");
    add("name = \"\"\n");
    return files;
}
