// musegan evaluate: new phrases, or those of a dataset, in numbers beside the data's.
#include "musegan/data/dataset.hpp"
#include "musegan/evaluation/comparison.hpp"
#include "musegan/music/generate.hpp"
#include "musegan/phrase/grid.hpp"
#include "tensor/error.hpp"
#include "tools/shell_text.hpp"
#include "tools/standard_output.hpp"
#include "tools/trained_model.hpp"
#include "tools/usage.hpp"

namespace tools {

namespace {

struct EvaluateCommand {
    ModelOptions model;
    std::string data, against;
    std::int64_t phrases = musegan::compared_phrases, of = musegan::compared_data;
    musegan::Sampling sampling{.seed = 1};
    int steps_per_beat = 4;
    SettingOptions settings;
};

io::SettingList settings_of(EvaluateCommand& command) {
    io::SettingList list;
    list.number<std::int64_t>("phrases", command.phrases, {1, 100000}, "How many phrases are evaluated");
    list.number<std::int64_t>("of", command.of, {1, 100000}, "With how many of --against, spread evenly over it");
    list.include(settings_of(command.sampling));
    list.one_of("steps_per_beat", command.steps_per_beat,
                {musegan::PhraseShape::grids.begin(), musegan::PhraseShape::grids.end()},
                "With --data: the time grid on which both are measured");
    return list;
}

/// Phrases of a dataset, spread evenly over it, on a grid.
musegan::PackedPhrases phrases_on_grid(const musegan::Dataset& data, std::int64_t most, int steps_per_beat) {
    return musegan::reduce(musegan::spread_phrases(data.phrases(), most), steps_per_beat);
}

/// Data that can stand beside phrases of `shape`, time grid aside; `whose` says of what these are.
void require_shape(const std::string& file, const musegan::Dataset& data, const musegan::PhraseShape& shape,
                   const std::string& whose) {
    if (data.shape() != shape.on_grid(data.shape().steps_per_beat))
        tensor::fail(file, "phrases of {}, expected those of {}: {}", data.shape().to_string(), whose,
                     shape.to_string());
}

musegan::PackedPhrases generate(const EvaluateCommand& command, const musegan::Dataset& against) {
    const musegan::Model model = command.model.load(command.sampling.execution.precision);
    require_shape(command.against, against, model.config().shape, "the model");
    Progress progress("evaluate", "phrases", command.phrases);
    return musegan::generate_phrases(
        model,
        {.phrases = command.phrases, .sampling = command.sampling, .progress = show_phrases(progress, "evaluate")},
        against.phrases());
}

/// What is asked of phrases to be made has no meaning for those of a dataset, and the other way round.
void require_fitting_options(EvaluateCommand& command) {
    if (command.data.empty() && command.settings.states("steps_per_beat"))
        throw UsageError("[--steps-per-beat] with --run, whose phrases are on its own grid, expected with --data");
    if (command.data.empty()) return;
    for (const io::Setting& setting : settings_of(command.sampling))
        if (command.settings.states(setting.key))
            throw UsageError(
                fmt::format("[{}] with --data, whose phrases are there already, expected with --run", setting.option));
}

int run(EvaluateCommand& command) {
    if (command.model.run.empty() == command.data.empty())
        throw UsageError(fmt::format("[evaluate] {}, expected one of the two",
                                     command.data.empty() ? "no --run and no --data" : "--run and --data"));
    require_stated(command.against, "evaluate", "--against", "the dataset to compare with");
    require_fitting_options(command);
    const musegan::Dataset against = open_dataset(command.against);
    musegan::PackedPhrases phrases;
    watch_interrupt("ending soon");
    if (command.data.empty()) phrases = generate(command, against);
    else {
        command.model.compute.apply();
        const musegan::Dataset data = open_dataset(command.data);
        require_shape(command.against, against, data.shape(), command.data);
        phrases = phrases_on_grid(data, command.phrases, command.steps_per_beat);
    }
    const musegan::PackedPhrases beside = phrases_on_grid(against, command.of, phrases.shape.steps_per_beat);
    const musegan::Comparison comparison = musegan::compare(phrases, beside);
    if (interrupted()) end_interrupted("evaluate", "nothing was printed");
    print_out("new: {} phrases of {}\ndata: {} of the {} phrases of {}\n\n", tensor::count_text(phrases.count()),
              shown_text(command.data.empty() ? command.model.run : command.data), tensor::count_text(beside.count()),
              tensor::count_text(against.count()), shown_text(command.against));
    print_text(musegan::comparison_table(comparison));
    return 0;
}

}  // namespace

Action add_evaluate(CLI::App& app) {
    auto command = std::make_shared<EvaluateCommand>();
    CLI::App* const sub =
        app.add_subcommand("evaluate", "Say in numbers what new phrases are like, beside those of the data");
    sub->footer(
        "A track-conditional model is given tracks of --against.\n"
        "Example: musegan evaluate --run run --against data.safetensors --threshold 0.5");
    CLI::Option_group* const from = sub->add_option_group("phrases", "What is evaluated: one of");
    add_path(*from, "--run", command->model.run, "Folder of a training run, which makes new phrases");
    add_path(*from, "--data", command->data, "A dataset, of which phrases are taken, spread evenly over it");
    add_path(*sub, "--against", command->against, "The dataset to compare with");
    command->settings.add_to(*sub, settings_of(*command));
    command->model.compute.add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
