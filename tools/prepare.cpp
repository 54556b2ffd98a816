// musegan prepare: folders of MIDI files into a dataset.
#include "musegan/data/prepare.hpp"

#include "tensor/error.hpp"
#include "tools/commands.hpp"
#include "tools/setting_options.hpp"
#include "tools/shell_text.hpp"
#include "tools/terminal.hpp"
#include "tools/usage.hpp"

namespace tools {

namespace {

struct PrepareCommand {
    musegan::PrepareOptions options;
    std::vector<std::string> inputs;
    std::string out, report;
    SettingOptions filter;
};

/// A table: what happened, to how many files, how often (if more than one part of a file counts), what it is, and a
/// file as an example.
void say_kinds(std::string_view heading, const std::vector<musegan::ReportKind>& kinds, bool counts_parts) {
    if (kinds.empty()) return;
    const auto say_line = [&](std::string_view name, std::string_view files, std::string_view parts,
                              const std::string& rest) {
        say(fmt::format("{:<23} {:>7}{}{}", name, files, counts_parts ? fmt::format(" {:>9}", parts) : "", rest));
    };
    say_line(heading, "files", "parts", "");
    for (const musegan::ReportKind& kind : kinds)
        say_line("  " + kind.name, tensor::count_text(kind.files), tensor::count_text(kind.parts),
                 fmt::format("  {} (as in {})", kind.meaning, shown_text(kind.example.string())));
}

int run(PrepareCommand& command) {
    musegan::PrepareOptions& options = command.options;
    if (command.inputs.empty()) throw UsageError("[prepare] no input, expected folders or MIDI files");
    require_stated(command.out, "prepare", "--out", "the path of the dataset to write");
    options.inputs.assign(command.inputs.begin(), command.inputs.end());
    options.out = command.out;
    options.report = command.report;
    std::unique_ptr<Progress> progress;
    options.progress = [&](std::int64_t done, std::int64_t total) {
        if (!progress) progress = std::make_unique<Progress>("prepare", "files", total);
        progress->update(done);
        if (interrupted()) end_interrupted("prepare", "nothing was written");
    };
    options.looking = [&](std::int64_t) {
        if (interrupted()) end_interrupted("prepare", "nothing was written");
    };
    watch_interrupt("ending soon");
    const auto begin = std::chrono::steady_clock::now();
    const musegan::PrepareSummary summary = musegan::prepare(options);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    progress.reset();
    const auto count = [](std::int64_t number) { return tensor::count_text(number); };
    const auto files = static_cast<std::int64_t>(summary.files.size());
    const std::string rate = rate_text(files, seconds);
    say(fmt::format("{} files in {}{}: {}", count(files), tensor::pace_text(seconds),
                    rate.empty() ? "" : fmt::format(" ({})", rate), musegan::describe_outcomes(summary.outcomes)));
    say(fmt::format(
        "{} phrases of 4 bars from {} songs; {} of their {} notes kept (too short {}, out of range {}, no family {}, "
        "in foreign bars {}, too late {})",
        count(summary.phrases), count(summary.songs), count(summary.counts.kept), count(summary.counts.notes),
        count(summary.counts.too_short), count(summary.counts.out_of_range), count(summary.counts.no_family),
        count(summary.counts.in_foreign_bars), count(summary.counts.too_late)));
    say_kinds("not kept", musegan::dropped_kinds(summary.files), false);
    say_kinds("mended or left out", musegan::mended_kinds(summary.files), true);
    if (!command.report.empty()) say(fmt::format("what became of every file: {}", shown_text(command.report)));
    say(fmt::format("next: {} train --data {} --run run", shell_quoted(own_name()), shell_quoted(command.out)));
    return 0;
}

}  // namespace

Action add_prepare(CLI::App& app) {
    auto command = std::make_shared<PrepareCommand>();
    musegan::PrepareOptions& options = command->options;
    CLI::App* const sub = app.add_subcommand("prepare", "Turn folders of MIDI files into a dataset of 4-bar phrases");
    sub->footer(
        "Takes the songs that have bass and drums, cuts their bars of four quarters (4/4, 2/2, 8/8) into windows of 4\n"
        "bars and keeps the windows in which at least 3 of the 5 tracks play. Other bars are left out; --strict-meter\n"
        "leaves out every song that is not written in 4/4 throughout. A damaged part of a file costs that part, where\n"
        "the rest can be told apart; what was mended or left out is counted by kind at the end.\n"
        "Example: musegan prepare midi/ more/song.mid --out data.safetensors --report report.csv");
    sub->add_option("inputs", command->inputs, "Folders (searched to any depth), MIDI files, ZIP archives of them");
    add_path(*sub, "--out", command->out, "The dataset to write");
    add_path(*sub, "--report", command->report,
             "A CSV file that says for every input file whether it was kept, or why not");
    add_number<int>(*sub, "--jobs", options.jobs, {0, 1024}, "Files worked on at a time; 0 takes all processors");
    command->filter.add_to(*sub, settings_of(options.filter));
    sub->add_option("--source", options.notes.source, "Where the music came from, kept in the file");
    sub->add_option("--licence", options.notes.licence, "Under which terms it may be used, kept in the file");
    return [command] { return run(*command); };
}

}  // namespace tools
