// musegan explain: one critic update of WGAN-GP, with a number at every operator.
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "io/atomic_file.hpp"
#include "musegan/pages/explanation_page.hpp"
#include "musegan/study/explanation_dot.hpp"
#include "musegan/study/explanation_source.hpp"
#include "musegan/study/explanation_text.hpp"
#include "musegan/study/precision_errors.hpp"
#include "tensor/error.hpp"
#include "tools/commands.hpp"
#include "tools/standard_output.hpp"
#include "tools/terminal.hpp"
#include "tools/update_options.hpp"

namespace tools {

namespace {

struct ExplainCommand {
    std::unique_ptr<UpdateOptions> updates;
    ComputeOptions compute;
    musegan::ExplanationSource source;
    musegan::ExplainOptions options;
    std::string run, data, html, dot;
    bool all_checks = false, precisions = false;
};

/// Settings of training that change nothing of one update in f64.
constexpr std::array settings_without_meaning{
    "batch",           "critic_steps", "schedule",       "clip",  "freeze_generator", "average", "neuron_growth",
    "neuron_steepest", "rate",         "beta1",          "beta2", "adam_epsilon",     "dtype",   "precision",
    "fusion",          "passes",       "gather_launches"};

void require_meaning(const UpdateOptions& updates) {
    for (const char* const key : settings_without_meaning) {
        if (!updates.states(key)) continue;
        std::string option = key;
        std::ranges::replace(option, '_', '-');
        throw UsageError(
            fmt::format("[--{}] has no meaning here, expected networks, an objective or a seed: one critic "
                        "update is explained, in f64",
                        option));
    }
}

/// What the command line says; networks that nobody sized are small ones.
musegan::TrainingSettings settings_for(const ExplainCommand& command, tensor::Device device) {
    if (!command.run.empty() && command.updates->states_any_but("seed"))
        throw UsageError("[--run] with settings of fresh networks, expected one of the two: a run has its own");
    require_meaning(*command.updates);
    musegan::TrainingSettings settings = command.updates->settings(device);
    const musegan::TrainingSettings small = musegan::small_settings();
    if (!command.updates->states("weight_start")) settings.model.weight_start = small.model.weight_start;
    if (settings.model.preset == small.model.preset) {
        if (!command.updates->states("width")) settings.model.width = small.model.width;
        if (!command.updates->states("resolution"))
            settings.model.shape = settings.model.shape.on_grid(small.model.shape.steps_per_beat);
    }
    check_usage([&] { settings.validate("explain"); });
    if (!settings.objective.has_penalty())
        throw UsageError("[--penalty] 0, expected more: without a penalty there is nothing to explain");
    return settings;
}

/// A path that cannot be written should be known before the work.
void require_writable(const std::string& path) {
    if (!path.empty()) io::require_writable(path);
}

int run(ExplainCommand& command) {
    const AutomaticDevice device = command.compute.resolve();
    command.source.settings = settings_for(command, device.device);
    command.source.run = command.run;
    command.source.data = command.data;
    command.source.seed = command.source.settings.seed;
    if (command.all_checks) command.options.most_products = 1e300;
    if (command.precisions && (command.options.ways || !command.html.empty() || !command.dot.empty()))
        throw UsageError("[--precisions] with --ways, --html or --dot, expected none: it prints a table alone");
    for (const std::string& path : {command.html, command.dot}) require_writable(path);
    device.explain();
    if (command.precisions) {
        print_text(musegan::precision_errors_text(musegan::precision_errors(command.source)));
        return 0;
    }
    watch_interrupt("ending soon");
    std::unique_ptr<Progress> progress;
    std::string part;
    command.options.stop_requested = [] {
        if (interrupted()) end_interrupted("explain", "nothing was printed or written");
        return false;
    };
    command.options.progress = [&](const std::string& what, int done, int of) {
        if (!is_terminal()) return;  // the walk is a text to be kept, and takes seconds
        if (what != part) progress = std::make_unique<Progress>("explain", "parts", of);
        part = what;
        progress->update(done, what);
    };
    const musegan::Explanation explanation = musegan::explain_source(command.source, command.options);
    progress.reset();
    print_text(musegan::explanation_text(explanation));
    if (!command.html.empty())
        io::write_file_atomically(command.html, io::as_bytes(musegan::explanation_page(explanation)));
    if (!command.dot.empty())
        io::write_file_atomically(command.dot, io::as_bytes(musegan::explanation_dot(explanation)));
    return 0;
}

}  // namespace

Action add_explain(CLI::App& app) {
    auto command = std::make_shared<ExplainCommand>();
    CLI::App* const sub = app.add_subcommand(
        "explain", "Walk through a critic update: the gradient penalty with a number at every operator");
    sub->footer(
        "Without --run a small critic with fresh weights is explained: the paper's at 1/16 of its width on a grid of\n"
        "16ths, unless --preset, --width and --steps-per-beat say otherwise. All of it is computed in f64.\n"
        "Examples: musegan explain --html explain.html\n"
        "          musegan explain --run run --data data.safetensors --phrase 3 --ways\n"
        "          musegan explain --model jamming --critic drums --dot graph.dot\n"
        "          musegan explain --run run --data data.safetensors --phrases 16 --precisions");
    add_path(*sub, "--run", command->run, "Folder of a training run, whose critic is explained");
    add_path(*sub, "--data", command->data, "The dataset of the real phrase; without one, a song by rule");
    add_number<std::int64_t>(*sub, "--phrase", command->source.phrase, {0, std::int64_t{1} << 40},
                             "Which phrase of it, from 0");
    add_number<std::int64_t>(*sub, "--phrases", command->source.phrases, {1, 1024},
                             "How many real phrases, and as many generated ones");
    sub->add_option("--critic", command->source.critic,
                    "In a jamming model: the track of the critic (default: that of the first)");
    add_path(*sub, "--html", command->html, "A page to look into: the graph, formulas, heat maps");
    add_path(*sub, "--dot", command->dot, "The graph for Graphviz");
    sub->add_flag("--ways", command->options.ways,
                  "The penalty's derivative four ways, with what each costs: reverse over reverse, forward over "
                  "reverse, complex step, differences");
    sub->add_flag("--precisions", command->precisions,
                  "Instead of the walk, how far products in f32, and in each other precision of the device, move every "
                  "gradient from f64");
    sub->add_flag("--all-checks", command->all_checks,
                  "Find every gradient again by the complex step, however large the critic");
    command->updates = std::make_unique<UpdateOptions>(*sub, musegan::TrainingSettings{}, "paper");
    command->compute.add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
