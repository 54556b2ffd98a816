// musegan vary: variants of a phrase in which some tracks are drawn anew.
#include "musegan/music/vary.hpp"

#include "tools/trained_model.hpp"

namespace tools {

namespace {

using VaryCommand = PhrasesCommand<musegan::VaryOptions>;

int run(VaryCommand& command) {
    const auto has_private_vectors = [&](const musegan::ModelConfig& config) {
        musegan::require_private_vectors(config, command.options.redraw);
    };
    command.run("vary", command.options.phrases, sheet_of(command.options), musegan::vary, has_private_vectors);
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
    command->add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
