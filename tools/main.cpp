// The `musegan` command. Libraries throw; here errors become exit codes: 2 for usage, 128 + the signal
// for an interrupted command, 1 for any other failure.
#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <map>
#include <new>
#include <sstream>
#include <system_error>
#include <vector>

#include "tools/commands.hpp"
#include "tools/standard_output.hpp"
#include "tools/usage.hpp"

namespace {

constexpr const char* description =
    "MuseGAN: five-track pop/rock music from a GAN trained on MIDI files.\n\n"
    "  musegan demo                                        everything once, in minutes\n"
    "  musegan prepare midi/ --out data.safetensors        make a dataset from your MIDI files\n"
    "  musegan train --data data.safetensors --run run/    train one of six models\n"
    "  musegan generate --run run/ --phrases 8 --out new/  new music from it\n"
    "  musegan accompany --input song.mid --run run/ --out new/\n"
    "                                                      music to a track of a song, by a model given that track\n";

}  // namespace

int main(int argument_count, char** arguments) {
    tools::examine_standard_output();
    tools::guard_process();
    CLI::App app{description, "musegan"};
    if (argument_count > 0) tools::set_own_name(arguments[0]);
    app.require_subcommand(0, 1);  // at most one: what follows it may be called like a command
    app.set_version_flag("--version", "musegan " MUSEGAN_VERSION);
    std::map<std::string, tools::Action> actions;
    actions["doctor"] = tools::add_doctor(app);
    actions["synth"] = tools::add_synth(app);
    actions["prepare"] = tools::add_prepare(app);
    actions["info"] = tools::add_info(app);
    actions["segment"] = tools::add_segment(app);
    actions["listen"] = tools::add_listen(app);
    actions["train"] = tools::add_train(app);
    actions["generate"] = tools::add_generate(app);
    actions["accompany"] = tools::add_accompany(app);
    actions["interpolate"] = tools::add_interpolate(app);
    actions["vary"] = tools::add_vary(app);
    actions["evaluate"] = tools::add_evaluate(app);
    actions["report"] = tools::add_report(app);
    actions["profile"] = tools::add_profile(app);
    actions["explain"] = tools::add_explain(app);
    actions["toy"] = tools::add_toy(app);
    actions["figure"] = tools::add_figure(app);
    actions["demo"] = tools::add_demo(app);
    if (const std::string fault = tools::empty_value_fault(argument_count, arguments); !fault.empty())
        return tools::report_failure(fault, 2);
    try {
        app.parse(argument_count, arguments);
    } catch (const CLI::Success& asked) {  // --help or --version
        std::ostringstream text;
        app.exit(asked, text, text);
        tools::print_text(text.str());
        return tools::end_standard_output(0);
    } catch (const CLI::ParseError& error) {
        return tools::report_failure(tools::usage_fault(app, error), 2);
    }
    try {
        const std::vector<CLI::App*> chosen = app.get_subcommands();
        if (chosen.empty()) tools::print_text(app.help());
        return tools::end_standard_output(chosen.empty() ? 0 : actions.at(chosen.front()->get_name())());
    } catch (const tools::UsageError& error) {
        return tools::report_failure(error.what(), 2);
    } catch (const tools::Interrupted& error) {
        return tools::report_failure(error.what(), tools::interrupted_exit_code());
    } catch (const std::filesystem::filesystem_error& error) {
        return tools::report_failure(fmt::format("[{}] {}", error.path1().string(), error.code().message()), 1);
    } catch (const std::bad_alloc&) {
        return tools::report_failure(
            "[memory] none is left for this process, expected more: raise its limit (ulimit -v), "
            "or ask for less (--batch, --width, --phrases)",
            1);
    } catch (const std::system_error& error) {  // what remains of them: a thread whose stack finds no room
        return tools::report_failure(
            fmt::format("[thread] {}, expected fewer (--threads), or a higher limit (ulimit -v, -u)", error.what()), 1);
    } catch (const std::exception& error) {
        return tools::report_failure(error.what(), 1);
    }
}
