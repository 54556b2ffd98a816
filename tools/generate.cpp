// musegan generate: new phrases from a trained model.
#include "musegan/music/generate.hpp"

#include "musegan/evaluation/metrics.hpp"
#include "musegan/training/checkpoint.hpp"
#include "tensor/error.hpp"
#include "tools/commands.hpp"
#include "tools/setting_options.hpp"
#include "tools/terminal.hpp"

namespace tools {

namespace {

struct GenerateCommand {
    std::string run, weights, out;
    musegan::GenerateOptions options;
    musegan::WriteOptions files;
    SettingOptions settings;
    ComputeOptions compute;
};

int run(GenerateCommand& command) {
    const tensor::Device device = command.compute.apply();
    const tensor::Precision precision = command.options.execution.precision;
    check_precision(precision, device);
    say(fmt::format("device: {}", device_line(device, precision)));
    const std::filesystem::path file =
        command.weights.empty() ? musegan::RunFolder(command.run).model() : std::filesystem::path(command.weights);
    if (!command.run.empty() && !std::filesystem::exists(file))
        tensor::fail(command.run, "no model.safetensors, expected the folder of a `musegan train`");
    const musegan::Generator generator = musegan::load_generator(file, tensor::DType::f32, device);
    watch_interrupt();
    Progress progress("generate", "phrases", command.options.phrases);
    command.options.progress = [&](std::int64_t done) {
        progress.update(done);
        if (interrupted()) tensor::fail("generate", "interrupted; nothing was written");
    };
    const musegan::PackedPhrases phrases = musegan::generate_phrases(generator, command.options);
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
    sub->add_option("--out", command->out, "Folder to write into")->required();
    command->settings.add_to(*sub, settings_of(command->options));
    command->settings.add_to(*sub, settings_of(command->files));
    command->compute.add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
