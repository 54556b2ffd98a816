// musegan evaluate: the papers' tables of runs, datasets and songs, beside the data.
#include "tools/evaluation_run.hpp"

#include <memory>

#include "musegan/figures/picture.hpp"
#include "tools/setting_options.hpp"
#include "tools/shell_text.hpp"

namespace tools {

namespace {

struct EvaluateCommand {
    EvaluationRun run;
    SettingOptions making, measuring, songs;
};

int run(EvaluateCommand& command) {
    EvaluationRun& run = command.run;
    for (const std::string& path : {run.files.png, run.files.nearest})
        if (!path.empty()) check_usage([&] { musegan::Picture::require_format(path); });
    // The seed is that of the shuffled bars, too.
    run.states_making = command.making.count() > (run.shuffle_bars && command.making.states("seed") ? 1u : 0u);
    run.states_songs = command.songs.count() > 0;
    evaluate(run);
    return 0;
}

}  // namespace

Action add_evaluate(CLI::App& app) {
    auto command = std::make_shared<EvaluateCommand>();
    EvaluationRun& run_options = command->run;
    CLI::App* const sub =
        app.add_subcommand("evaluate", "The papers' tables of runs, datasets and songs, beside the data");
    sub->footer(
        "A SET is a run (its folder, or a model.safetensors), a dataset, or songs: a folder, an archive or a file of\n"
        "MIDI, of the Lakh Pianoroll Dataset or of arrays, cut as `musegan prepare` does it. Prints EB, UPC, QN, DP\n"
        "and TD (AAAI 2018, section 5) and more, all explained below the tables; with --against how far each set is\n"
        "from those songs, and how far others of their kind are (--held-out): the noise floor. A track-conditional\n"
        "model is given tracks of --against, and '-' stands for them.\n"
        "Example: musegan evaluate run --against data.safetensors --json run.json");
    sub->add_option("sets", run_options.sets, "Runs, datasets and songs, each a row of the tables")->type_name("SET");
    add_path(*sub, "--against", run_options.against, "The songs to compare with: a dataset, or songs");
    add_path(*sub, "--held-out", run_options.held_out,
             "Other songs of their kind (default: DATA-held-out.safetensors beside --against, if it is there)");
    add_path(*sub, "--json", run_options.files.json, "Write all figures, in full precision, into this file");
    add_path(*sub, "--csv", run_options.files.csv, "The same as a table, a row per set");
    add_path(*sub, "--png", run_options.files.png, "Draw histograms of note length, pitch and notes per bar");
    add_path(*sub, "--nearest", run_options.files.nearest,
             "Draw phrases beside those of --against that they are nearest to");
    sub->add_flag("--shuffle-bars", run_options.shuffle_bars,
                  "A row more: the data (or the first set), with the bars of each track shuffled");
    sub->add_flag("--published", run_options.published, "Rows more: those of the paper");
    CLI::App& measuring = *sub->add_option_group("measuring", "What is measured");
    command->measuring.add_to(measuring, settings_of(run_options.measuring));
    CLI::App& making = *sub->add_option_group("models", "How models make phrases");
    command->making.add_to(making, settings_of(run_options.making));
    CLI::App& songs = *sub->add_option_group("songs", "How songs are cut, as by musegan prepare");
    command->songs.add_to(songs, settings_of(run_options.songs));
    run_options.compute.add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
