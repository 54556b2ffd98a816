// musegan vary: variants of a phrase in which some tracks are drawn anew.
#include "musegan/music/vary.hpp"

#include "tools/setting_options.hpp"
#include "tools/trained_model.hpp"

namespace tools {

namespace {

struct VaryCommand {
    std::string out;
    ModelOptions model;
    GivenOptions given;
    musegan::VaryOptions options;
    musegan::WriteOptions files;
    SettingOptions settings;
};

musegan::PackedPhrases make(VaryCommand& command) {
    const musegan::Model model = command.model.load(command.options.sampling.execution.precision);
    check_usage([&] { musegan::require_private_vectors(model.config(), command.options.redraw); });
    const std::optional<musegan::Dataset> data = command.given.open(model, "vary");
    musegan::make_folder(command.out);
    watch_interrupt();
    Progress progress("vary", "phrases", command.options.phrases);
    command.options.progress = show_phrases(progress, "vary");
    return musegan::vary(model, command.options, phrases_of(data));
}

int run(VaryCommand& command) {
    write_music(command.out, make(command), command.files, sheet_of(command.options));
    return 0;
}

}  // namespace

Action add_vary(CLI::App& app) {
    auto command = std::make_shared<VaryCommand>();
    CLI::App* const sub = app.add_subcommand("vary", "Write variants of a phrase in which some tracks are drawn anew");
    sub->footer(
        "The phrase is the first one of `musegan generate` with the same seed. For runs of `musegan train --model\n"
        "hybrid` or `jamming`, in which each track has random vectors of its own.\n"
        "Example: musegan vary --run run --redraw drums,bass --phrases 4 --out variants --seed 7");
    sub->add_option("--out", command->out, "Folder to write into")->required();
    command->given.add_to(*sub);
    command->settings.add_to(*sub, settings_of(command->options));
    command->settings.add_to(*sub, settings_of(command->files));
    command->model.add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
