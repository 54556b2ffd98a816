// musegan report: a run as a page to look at and to listen to.
#include "tools/report.hpp"

#include "io/atomic_file.hpp"
#include "musegan/pages/report_page.hpp"
#include "musegan/training/run_folder.hpp"
#include "tools/commands.hpp"
#include "tools/follow.hpp"
#include "tools/page_output.hpp"
#include "tools/setting_options.hpp"
#include "tools/shell_text.hpp"
#include "tools/standard_output.hpp"
#include "tools/terminal.hpp"
#include "tools/usage.hpp"

namespace tools {

namespace {

namespace fs = std::filesystem;

struct ReportCommand {
    std::string run, out, data, evaluation, interpolation;
    bool follow = false;
    std::int64_t every = 5;
    bool without_model = false;
};

int run(const ReportCommand& command) {
    require_stated(command.run, "report", "RUN", "the folder of a `musegan train`");
    const fs::path out =
        command.out.empty() ? musegan::RunFolder(fs::path(command.run)).report() : fs::path(command.out);
    if (fs::is_directory(command.run)) require_page_output(out);  // of no run read_run says so
    const musegan::RecordSources sources{command.data, command.evaluation, command.interpolation,
                                         !command.without_model};
    if (command.follow) return follow_run({command.run, out, sources, command.every});
    const musegan::RunRecord record = musegan::read_run(command.run, sources);
    write_report(record, out);
    for (const std::string& fault : record.faults) say("note: " + shown_text(fault));
    say("look: " + shell_quoted(out.string()));
    return 0;
}

}  // namespace

void write_report(const musegan::RunRecord& record, const fs::path& out) {
    io::write_file_atomically(out, io::as_bytes(musegan::report_page(record)));
}

bool report_run(const fs::path& folder, const std::function<void(const std::string&)>& warn) {
    try {
        write_report(musegan::read_run(folder), musegan::RunFolder(folder).report());
        return true;
    } catch (const std::exception& error) {
        warn(fmt::format("no report: {}", error.what()));
        return false;
    }
}

Action add_report(CLI::App& app) {
    auto command = std::make_shared<ReportCommand>();
    CLI::App* const sub = app.add_subcommand("report", "A run as a page to look at and to listen to");
    sub->footer(
        "One HTML file that needs nothing else: phrases that play, curves, tables, settings and the commands that\n"
        "make the run again. What is damaged is left out and said. `musegan train` writes it at its end;\n"
        "it can be made of a run that still trains, too, and with --follow it goes along with one until that ends.\n"
        "Examples: musegan report run\n"
        "          musegan evaluate run --against data.safetensors --json run/evaluation.json\n"
        "          musegan interpolate --run run --grid --steps 5 --out run/interpolation\n"
        "          musegan report run --out report.html\n"
        "          musegan report run --follow      # beside a `musegan train --run run`; open run/report.html");
    add_path(*sub, "run", command->run, "Folder of the run")->type_name("RUN");
    add_path(*sub, "--out", command->out, "File to write (default: RUN/report.html)");
    add_path(*sub, "--data", command->data, "The dataset of the run (default: that it began with, if it is there)");
    add_path(*sub, "--evaluation", command->evaluation,
             "Tables from `musegan evaluate --json` (default: RUN/evaluation.json)");
    add_path(*sub, "--interpolation", command->interpolation,
             "Folder of a `musegan interpolate` (default: RUN/interpolation)");
    sub->add_flag("--without-model", command->without_model,
                  "Leave out the model, with which the page makes music (2 bytes per parameter of the generator)");
    CLI::Option* const follow =
        sub->add_flag("--follow", command->follow,
                      "Write the page again while the run trains, which it shows live; ends with the training");
    add_number<std::int64_t>(*sub, "--every", command->every, {1, 3600},
                             "Seconds from one page of --follow to the next")
        ->needs(follow);
    return [command] { return run(*command); };
}

}  // namespace tools
