// musegan generate: new phrases from a trained model.
#include "musegan/music/generate.hpp"

#include "tools/setting_options.hpp"
#include "tools/trained_model.hpp"

namespace tools {

namespace {

struct GenerateCommand {
    std::string out;
    ModelOptions model;
    GivenOptions given;
    musegan::GenerateOptions options;
    musegan::WriteOptions files;
    SettingOptions settings;
};

musegan::PackedPhrases make(GenerateCommand& command) {
    const musegan::Model model = command.model.load(command.options.sampling.execution.precision);
    const std::optional<musegan::Dataset> data = command.given.open(model, "generate");
    musegan::make_folder(command.out);
    watch_interrupt();
    Progress progress("generate", "phrases", command.options.phrases);
    command.options.progress = show_phrases(progress, "generate");
    return musegan::generate_phrases(model, command.options, phrases_of(data));
}

int run(GenerateCommand& command) {
    write_music(command.out, make(command), command.files);
    return 0;
}

}  // namespace

Action add_generate(CLI::App& app) {
    auto command = std::make_shared<GenerateCommand>();
    CLI::App* const sub =
        app.add_subcommand("generate", "Write new phrases as MIDI and pypianoroll files and pictures");
    sub->footer("Example: musegan generate --run run --phrases 16 --out music --seed 7 --binarize bernoulli");
    sub->add_option("--out", command->out, "Folder to write into")->required();
    command->given.add_to(*sub);
    command->settings.add_to(*sub, settings_of(command->options));
    command->settings.add_to(*sub, settings_of(command->files));
    command->model.add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
