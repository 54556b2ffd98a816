// musegan generate: new phrases from a trained model.
#include "musegan/music/generate.hpp"

#include "musegan/data/dataset.hpp"
#include "musegan/evaluation/metrics.hpp"
#include "musegan/phrase/grid.hpp"
#include "musegan/training/checkpoint.hpp"
#include "tensor/error.hpp"
#include "tools/commands.hpp"
#include "tools/setting_options.hpp"
#include "tools/terminal.hpp"

namespace tools {

namespace {

struct GenerateCommand {
    std::string run, weights, out, data;
    musegan::GenerateOptions options;
    musegan::WriteOptions files;
    SettingOptions settings;
    ComputeOptions compute;
};

/// What a track-conditional model takes its given tracks from, on its grid; nothing for a model from scratch.
std::optional<musegan::PackedPhrases> given_phrases(const GenerateCommand& command, const musegan::Model& model) {
    const musegan::ModelConfig& config = model.config();
    if (!config.given()) {
        if (!command.data.empty())
            throw UsageError(
                fmt::format("[--data] the model is a {} from scratch, which is given no track", config.name()));
        return std::nullopt;
    }
    if (command.data.empty())
        throw UsageError(
            fmt::format("[generate] the model is a {}, expected --data DATASET to take such tracks from "
                        "(for a song of your own: musegan accompany)",
                        config.name()));
    const musegan::Dataset data = musegan::Dataset::open(command.data);
    return musegan::reduce(data.phrases(), config.shape.steps_per_beat);
}

int run(GenerateCommand& command) {
    const tensor::Device device = command.compute.apply();
    const tensor::Precision precision = command.options.execution.precision;
    check_precision(precision, device);
    say(fmt::format("device: {}", device_line(device, precision)));
    const std::filesystem::path file =
        command.weights.empty() ? musegan::RunFolder(command.run).model() : std::filesystem::path(command.weights);
    if (!command.run.empty() && !std::filesystem::exists(file))
        tensor::fail(command.run, "no model.safetensors, expected the folder of a `musegan train`");
    const musegan::Model model = musegan::load_model(file, tensor::DType::f32, device);
    const std::optional<musegan::PackedPhrases> given = given_phrases(command, model);
    watch_interrupt();
    Progress progress("generate", "phrases", command.options.phrases);
    command.options.progress = [&](std::int64_t done) {
        progress.update(done);
        if (interrupted()) tensor::fail("generate", "interrupted; nothing was written");
    };
    const musegan::PackedPhrases phrases = musegan::generate_phrases(model, command.options, given);
    const auto files = musegan::write_phrases(command.out, phrases, command.files);
    std::fputs(musegan::metrics_table(musegan::measure(phrases)).c_str(), stdout);
    say(fmt::format("{} phrases of {} bars in {}: listen to {}, look at {}", command.options.phrases,
                    phrases.shape.bars, command.out, (std::filesystem::path(command.out) / "all.mid").string(),
                    files.back().string()));
    return 0;
}

}  // namespace

Action add_generate(CLI::App& app) {
    auto command = std::make_shared<GenerateCommand>();
    CLI::App* const sub =
        app.add_subcommand("generate", "Write new phrases as MIDI and pypianoroll files and pictures");
    sub->footer("Example: musegan generate --run run --phrases 16 --out music --seed 7 --binarize bernoulli");
    CLI::Option_group* const weights = sub->add_option_group("weights", "Where the weights come from: one of");
    weights->add_option("--run", command->run, "Folder of a training run");
    weights->add_option("--weights", command->weights, "A model.safetensors");
    weights->require_option(1);
    sub->add_option("--data", command->data,
                    "For a track-conditional model: the dataset whose phrases it is given a track of");
    sub->add_option("--out", command->out, "Folder to write into")->required();
    command->settings.add_to(*sub, settings_of(command->options));
    command->settings.add_to(*sub, settings_of(command->files));
    command->compute.add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
