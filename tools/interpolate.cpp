// musegan interpolate: phrases on the way between points of the latent space.
#include "musegan/music/interpolate.hpp"

#include "tools/trained_model.hpp"

namespace tools {

namespace {

using InterpolateCommand = PhrasesCommand<musegan::InterpolateOptions>;

int run(InterpolateCommand& command) {
    check_usage([&] { command.options.validate(); });
    const auto any_model = [](const musegan::ModelConfig&) {};
    command.run("interpolate", command.options.phrases(), sheet_of(command.options), musegan::interpolate, any_model);
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
    command->add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
