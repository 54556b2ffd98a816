// musegan prepare: folders of MIDI files into a dataset.
#include "musegan/data/prepare.hpp"

#include "tensor/error.hpp"
#include "tools/commands.hpp"
#include "tools/setting_options.hpp"
#include "tools/shell_text.hpp"
#include "tools/terminal.hpp"

namespace tools {

namespace {

struct PrepareCommand {
    musegan::PrepareOptions options;
    std::vector<std::string> inputs;
    std::string out, report;
    SettingOptions filter;
};

int run(PrepareCommand& command) {
    musegan::PrepareOptions& options = command.options;
    options.inputs.assign(command.inputs.begin(), command.inputs.end());
    options.out = command.out;
    options.report = command.report;
    std::unique_ptr<Progress> progress;
    options.progress = [&](std::int64_t done, std::int64_t total) {
        if (!progress) progress = std::make_unique<Progress>("prepare", "files", total);
        progress->update(done);
        if (interrupted()) end_interrupted("prepare", "nothing was written");
    };
    watch_interrupt("ending soon");
    const auto begin = std::chrono::steady_clock::now();
    const musegan::PrepareSummary summary = musegan::prepare(options);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    progress.reset();
    say(fmt::format("{} files in {} ({:.0f}/s): {}", summary.files.size(), duration_text(seconds),
                    static_cast<double>(summary.files.size()) / seconds, musegan::describe_outcomes(summary.outcomes)));
    say(fmt::format(
        "{} phrases of 4 bars from {} songs; {} of their {} notes kept (too short {}, out of range {}, no family {})",
        summary.phrases, summary.songs, summary.counts.kept, summary.counts.notes, summary.counts.too_short,
        summary.counts.out_of_range, summary.counts.no_family));
    if (!command.report.empty()) say(fmt::format("what became of every file: {}", shown_path(command.report)));
    say(fmt::format("next: {} train --data {} --run run", shell_quoted(own_name()), shell_quoted(command.out)));
    return 0;
}

}  // namespace

Action add_prepare(CLI::App& app) {
    auto command = std::make_shared<PrepareCommand>();
    musegan::PrepareOptions& options = command->options;
    CLI::App* const sub = app.add_subcommand("prepare", "Turn folders of MIDI files into a dataset of 4-bar phrases");
    sub->footer(
        "Keeps songs in 4/4 that have bass and drums, cuts them into windows of 4 bars and keeps the windows in which\n"
        "at least 3 of the 5 tracks play.\n"
        "Example: musegan prepare midi/ more/song.mid --out data.safetensors --report report.csv");
    sub->add_option("inputs", command->inputs, "Folders (searched to any depth) and MIDI files")->required();
    sub->add_option("--out", command->out, "The dataset to write")->required();
    sub->add_option("--report", command->report,
                    "A CSV file that says for every input file whether it was kept, or why not");
    sub->add_option("--jobs", options.jobs, "Files worked on at a time; 0 takes the machine's processors")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    command->filter.add_to(*sub, settings_of(options.filter));
    sub->add_option("--source", options.notes.source, "Where the music came from, kept in the file");
    sub->add_option("--licence", options.notes.licence, "Under which terms it may be used, kept in the file");
    return [command] { return run(*command); };
}

}  // namespace tools
