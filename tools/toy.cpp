// musegan toy: the gradient penalty on points of the plane, where it can be seen.
#include <memory>

#include "io/atomic_file.hpp"
#include "musegan/toy/toy_figures.hpp"
#include "musegan/toy/toy_report.hpp"
#include "musegan/toy/toy_variants.hpp"
#include "tools/commands.hpp"
#include "tools/output_folder.hpp"
#include "tools/setting_options.hpp"
#include "tools/shell_text.hpp"
#include "tools/standard_output.hpp"
#include "tools/terminal.hpp"

namespace tools {

namespace {

struct ToyCommand {
    musegan::ToySettings settings;
    SettingOptions stated;
    std::string vary, out = "toy";
    bool states_vary = false;
    ComputeOptions compute;
};

/// What --vary says; without it the constraint that is stated, or all of them.
std::vector<musegan::ToyVariant> variants(const ToyCommand& command) {
    if (command.states_vary) {
        const std::string key = musegan::varied_key(command.vary);
        if (command.stated.states(key))
            throw UsageError(fmt::format("[--vary] {}, which is stated, too, expected one of the two", key));
        return musegan::variants_of(command.settings, command.vary);
    }
    const bool one = command.stated.states("constraint");
    return musegan::variants_of(command.settings,
                                one ? fmt::format("constraint={}", tensor::name_of(command.settings.constraint))
                                    : "constraint=penalty,none,clipping,cut");
}

std::vector<musegan::ToyRun> run_all(const std::vector<musegan::ToyVariant>& variants, tensor::Device device) {
    std::int64_t total = 0, before = 0;
    for (const musegan::ToyVariant& variant : variants) total += variant.settings.updates;
    Progress progress("toy", "updates", total);
    std::vector<musegan::ToyRun> runs;
    for (const musegan::ToyVariant& variant : variants) {
        runs.push_back(musegan::run_toy(variant.name, variant.settings, device, [&](std::int64_t done) {
            if (interrupted()) end_interrupted("toy", "nothing was written");
            progress.update(before + done, variant.name);
        }));
        before += variant.settings.updates;
    }
    return runs;
}

int run(const ToyCommand& command) {
    std::vector<musegan::ToyVariant> compared;
    check_usage([&] { compared = variants(command); });
    OutputFolder folder(command.out, "toy", {"critic.png", "curves.png", "toy.csv"});
    const tensor::Device device = command.compute.apply();
    watch_interrupt("ending soon");
    const std::vector<musegan::ToyRun> runs = run_all(compared, device);
    print_text(musegan::toy_table(runs));
    folder.begin();
    musegan::critic_figure(runs).save(folder.path() / "critic.png");
    musegan::toy_curves(runs).save(folder.path() / "curves.png");
    io::write_file_atomically(folder.path() / "toy.csv", io::as_bytes(musegan::toy_csv(runs)));
    folder.finish();
    print_out("look at {} and {}; all numbers are in {}\n", shell_quoted((folder.path() / "critic.png").string()),
              shell_quoted((folder.path() / "curves.png").string()),
              shell_quoted((folder.path() / "toy.csv").string()));
    return 0;
}

}  // namespace

Action add_toy(CLI::App& app) {
    auto command = std::make_shared<ToyCommand>();
    CLI::App* const sub =
        app.add_subcommand("toy", "See what the gradient penalty does: critics of points of the plane, in seconds");
    sub->footer(
        "Trains a critic, and a generator, once for each value of --vary, and draws the critic over the plane: a row\n"
        "per run, a column per stage of its training. --fake noise trains the critic alone, as in figure 1 of\n"
        "Gulrajani et al. 2017.\n"
        "Examples: musegan toy --fake noise --data swiss_roll\n"
        "          musegan toy --vary penalty_weight=0,1,10,100 --out weights\n"
        "          musegan toy --vary critic_norm=none,layer,batch");
    sub->add_option("--vary", command->vary,
                    "Settings to compare, SETTING=V1,V2,... of those below: one run per value "
                    "(default: constraint=penalty,none,clipping,cut, or the constraint that is stated)");
    add_path(*sub, "--out", command->out, "Folder for critic.png, curves.png and toy.csv")->capture_default_str();
    command->stated.add_to(*sub, settings_of(command->settings));
    command->compute.add_to(*sub);
    return [command, sub] {
        command->states_vary = sub->count("--vary") > 0;
        return run(*command);
    };
}

}  // namespace tools
