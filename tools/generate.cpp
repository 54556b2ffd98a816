// musegan generate: new phrases from a trained model.
#include "musegan/music/generate.hpp"

#include "tools/trained_model.hpp"

namespace tools {

namespace {

using GenerateCommand = PhrasesCommand<musegan::GenerateOptions>;

int run(GenerateCommand& command) {
    const auto any_model = [](const musegan::ModelConfig&) {};
    command.run("generate", command.options.phrases, {}, musegan::generate_phrases, any_model);
    return 0;
}

}  // namespace

Action add_generate(CLI::App& app) {
    auto command = std::make_shared<GenerateCommand>();
    CLI::App* const sub =
        app.add_subcommand("generate", "Write new phrases as MIDI and pypianoroll files and pictures");
    sub->footer("Example: musegan generate --run run --phrases 16 --out music --seed 7 --binarize bernoulli");
    command->add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
