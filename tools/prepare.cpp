// musegan prepare: folders of songs into a dataset.
#include "musegan/data/prepare.hpp"

#include <algorithm>
#include <chrono>
#include <memory>

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
    std::vector<std::string> inputs, ids;
    std::string out, report, match_scores;
    SettingOptions filter, numbers;
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

void say_summary(const musegan::PrepareSummary& summary, double seconds) {
    const auto count = [](std::int64_t number) { return tensor::count_text(number); };
    const std::string rate = rate_text(summary.files, seconds);
    for (const musegan::ListUse& list : summary.lists) say(shown_text(list.text()));
    say(fmt::format("{} files in {}{}: {}", count(summary.files), tensor::pace_text(seconds),
                    rate.empty() ? "" : fmt::format(" ({})", rate), musegan::describe_outcomes(summary.outcomes)));
    say(fmt::format("kept {}", musegan::describe_kinds(summary.kinds)));
    say(fmt::format("{} phrases of 4 bars from {} songs{}", count(summary.phrases), count(summary.songs),
                    summary.copies == 0 ? "" : fmt::format(", and {} copies in other keys", count(summary.copies))));
    if (summary.counts.notes == 0) return;  // arrays alone
    say(fmt::format(
        "{} of {} notes kept (too short {}, out of range {}, no family {}, in foreign bars {}, too late {})",
        count(summary.counts.kept), count(summary.counts.notes), count(summary.counts.too_short),
        count(summary.counts.out_of_range), count(summary.counts.no_family), count(summary.counts.in_foreign_bars),
        count(summary.counts.too_late)));
}

int run(PrepareCommand& command) {
    musegan::PrepareOptions& options = command.options;
    if (command.inputs.empty())
        throw UsageError(fmt::format("[prepare] no input, expected folders or files of songs{}",
                                     command.ids.empty() ? "" : " in front of --ids, which takes all that follows it"));
    require_stated(command.out, "prepare", "--out", "the path of the dataset to write");
    options.inputs.assign(command.inputs.begin(), command.inputs.end());
    options.out = command.out;
    options.report = command.report;
    options.selection.ids.assign(command.ids.begin(), command.ids.end());
    options.selection.match_scores = command.match_scores;
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
    say_summary(summary, seconds);
    say_kinds("not kept", summary.report_kinds.dropped(), false);
    say_kinds("mended or left out", summary.report_kinds.mended(), true);
    if (summary.held_out_songs > 0)
        say(fmt::format("held out: {} phrases of {} songs, in {}", tensor::count_text(summary.held_out_phrases),
                        tensor::count_text(summary.held_out_songs),
                        shown_text(musegan::held_out_path(options.out).string())));
    if (!command.report.empty()) say(fmt::format("what became of every file: {}", shown_text(command.report)));
    say(fmt::format("next: {} train --data {} --run run", shell_quoted(own_name()), shell_quoted(command.out)));
    return 0;
}

}  // namespace

Action add_prepare(CLI::App& app) {
    auto command = std::make_shared<PrepareCommand>();
    musegan::PrepareOptions& options = command->options;
    CLI::App* const sub =
        app.add_subcommand("prepare", "Turn songs (MIDI, Lakh Pianoroll Dataset, arrays) into a dataset of phrases");
    sub->footer(
        "Takes MIDI files, songs of the Lakh Pianoroll Dataset (.npz, of either pypianoroll) and arrays of phrases\n"
        "(train_x_lpd_5_phr.npz, tra_phr.npy), told apart by what they hold. Of the songs that have bass and drums\n"
        "it cuts the bars of four quarters (4/4, 2/2, 8/8) into windows of 4 bars and keeps those in which at least\n"
        "3 of the 5 tracks play; phrases of arrays are taken as they are. No phrase is kept twice. A damaged part of\n"
        "a file costs that part, where the rest can be told apart; what was mended or left out is counted by kind at\n"
        "the end. As in the papers, from the Lakh MIDI Dataset:\n"
        "  musegan prepare lmd_full --out lakh.safetensors --report lakh.csv\n"
        "    --ids cleansed_ids.txt id_list_Pop_Rock.txt --match-scores match_scores.json\n"
        "    --cleanse lpd --key c --segment sf-authors --held-out 0.1\n"
        "Example: musegan prepare midi/ more/song.mid --out data.safetensors --report report.csv");
    sub->add_option("inputs", command->inputs, "Folders (searched to any depth), files, ZIP archives of files");
    add_path(*sub, "--out", command->out, "The dataset to write");
    add_path(*sub, "--report", command->report,
             "A CSV file that says for every input file whether it was kept, or why not");
    sub->add_option("--ids", command->ids,
                    "Lists that a song must be in: of files (cleansed_ids.txt) and of songs (id_list_Rock.txt)")
        ->type_name("FILE");
    add_path(*sub, "--match-scores", command->match_scores,
             "match_scores.json of the Lakh set: of each song only the file that matches it best");
    command->numbers.add_to(*sub, settings_of(options));
    command->filter.add_to(*sub, settings_of(options.filter));
    add_number<int>(*sub, "--jobs", options.jobs, {0, 1024}, "Files worked on at a time; 0 takes all processors");
    sub->add_option("--source", options.notes.source, "Where the music came from, kept in the file");
    sub->add_option("--licence", options.notes.licence, "Under which terms it may be used, kept in the file");
    return [command] { return run(*command); };
}

}  // namespace tools
