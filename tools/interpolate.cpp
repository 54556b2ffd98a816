// musegan interpolate: phrases on the way between points of the latent space.
#include "musegan/music/interpolate.hpp"

#include "tools/setting_options.hpp"
#include "tools/trained_model.hpp"

namespace tools {

namespace {

struct InterpolateCommand {
    std::string out;
    ModelOptions model;
    GivenOptions given;
    musegan::InterpolateOptions options;
    musegan::WriteOptions files;
    SettingOptions settings;
};

musegan::PackedPhrases make(InterpolateCommand& command) {
    const musegan::Model model = command.model.load(command.options.sampling.execution.precision);
    const std::optional<musegan::Dataset> data = command.given.open(model, "interpolate");
    musegan::make_folder(command.out);
    watch_interrupt();
    Progress progress("interpolate", "phrases", command.options.phrases());
    command.options.progress = show_phrases(progress, "interpolate");
    return musegan::interpolate(model, command.options, phrases_of(data));
}

int run(InterpolateCommand& command) {
    check_usage([&] { command.options.validate(); });
    write_music(command.out, make(command), command.files, sheet_of(command.options));
    return 0;
}

}  // namespace

Action add_interpolate(CLI::App& app) {
    auto command = std::make_shared<InterpolateCommand>();
    CLI::App* const sub = app.add_subcommand("interpolate", "Write the phrases between two random points, or four");
    sub->footer(
        "The points are those of the first phrases of `musegan generate` with the same seed.\n"
        "Example: musegan interpolate --run run --steps 8 --out between --seed 7\n"
        "         musegan interpolate --run run --grid --steps 5 --way linear --out square");
    sub->add_option("--out", command->out, "Folder to write into")->required();
    command->given.add_to(*sub);
    command->settings.add_to(*sub, settings_of(command->options));
    command->settings.add_to(*sub, settings_of(command->files));
    command->model.add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
