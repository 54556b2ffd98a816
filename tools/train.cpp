// musegan train: a run from a dataset to a model.
#include "musegan/training/run.hpp"

#include "musegan/training/checkpoint.hpp"
#include "tensor/arena.hpp"
#include "tensor/error.hpp"
#include "tools/commands.hpp"
#include "tools/terminal.hpp"

namespace tools {

namespace {

struct TrainCommand {
    musegan::RunOptions options;
    std::string data, run, schedule = "constant";
    ComputeOptions compute;
    CLI::Option_group* model_options = nullptr;
};

/// Prints what the run reports, in words for a terminal or a log.
class Reporter {
  public:
    explicit Reporter(const musegan::RunOptions& options) : options_(options) {}

    musegan::RunObserver observer() {
        return {.started = [this](const musegan::RunStart& start) { begin(start); },
                .stepped = [this](const musegan::StepReport& report, double) { step(report); },
                .warned = [this](const std::string& text) { note("warning: " + text); },
                .stop_requested = interrupted};
    }

  private:
    void begin(const musegan::RunStart& start) {
        say(fmt::format("{} phrases; generator {} and critic {} parameters; batch {}, {} critic updates per step",
                        start.phrases, start.generator_parameters, start.critic_parameters, options_.settings.batch,
                        options_.settings.critic_steps));
        say(fmt::format("peak memory of the tensors: {}", bytes_text(static_cast<double>(start.predicted_peak_bytes))));
        if (start.first_step > 0) say(fmt::format("resumed after step {}", start.first_step));
        progress_ = std::make_unique<Progress>("train", "steps", options_.steps, start.first_step);
        std::fflush(stdout);
    }
    void step(const musegan::StepReport& report) {
        progress_->update(report.step, fmt::format("W {:.3f}  slope {:.2f}  G {:.3f}", report.wasserstein(),
                                                   report.slope_mean, report.generator_loss));
    }
    void note(const std::string& text) {
        if (progress_) progress_->note(text);
        else say(text);
    }

    const musegan::RunOptions& options_;
    std::unique_ptr<Progress> progress_;
};

/// The precision of the command line. A resumed run whose command line states none keeps its own.
tensor::Precision precision_of_run(const TrainCommand& command) {
    const musegan::RunOptions& options = command.options;
    if (!options.resume || command.compute.states_precision())
        return command.compute.precision_on(options.settings.device);
    const tensor::Precision precision = musegan::checkpoint_settings(options.run).precision;
    check_precision(precision, options.settings.device);
    return precision;
}

int run(TrainCommand& command) {
    musegan::RunOptions& options = command.options;
    options.data = command.data;
    options.run = std::filesystem::path(command.run);
    options.settings.schedule =
        command.schedule == "2017" ? musegan::CriticSchedule::published_2017 : musegan::CriticSchedule::constant;
    if (options.resume && command.model_options->count_all() == 0)
        options.settings = musegan::checkpoint_settings(options.run);
    try {
        options.validate();
    } catch (const tensor::Error& error) {
        throw UsageError(error.what());
    }
    options.settings.device = command.compute.apply();
    options.settings.precision = precision_of_run(command);
    say(fmt::format("device: {}", device_line(options.settings.device, options.settings.precision)));
    watch_interrupt();
    musegan::RunSummary summary;
    {
        Reporter reporter(options);
        summary = musegan::run_training(options, reporter.observer());
    }
    const auto memory = tensor::arena(options.settings.device).statistics();
    say(fmt::format("{} after step {} of {}, {}; peak memory of the tensors {}", summary.stopped ? "stopped" : "done",
                    summary.steps, options.steps, duration_text(summary.seconds),
                    bytes_text(static_cast<double>(memory.peak))));
    say(summary.stopped ? std::string("next: the same command with --resume goes on from here")
                        : fmt::format("next: {} generate --run {} --phrases 8 --out music", own_name(), command.run));
    return 0;
}

/// Options that decide the numbers of a run. A resumed run whose command line states none of them keeps its own.
CLI::Option_group* add_model_options(CLI::App& app, musegan::TrainingSettings& settings, std::string& schedule) {
    CLI::Option_group& sub = *app.add_option_group("model", "What decides the numbers of a run");
    sub.add_option("--model", settings.model.model, "The multi-track model: composer")->capture_default_str();
    sub.add_option("--width", settings.model.width, "Factor on all channel counts inside the networks")
        ->capture_default_str();
    sub.add_option("--batch", settings.batch, "Phrases per update")->check(whole_number(65536))->capture_default_str();
    sub.add_option("--critic-steps", settings.critic_steps, "Critic updates per generator update")
        ->check(whole_number(10000))
        ->capture_default_str();
    sub.add_option("--schedule", schedule,
                   "constant, or 2017: 100 critic updates for the first 25 steps and at every 500th")
        ->check(CLI::IsMember({"constant", "2017"}))
        ->capture_default_str();
    sub.add_option("--rate", settings.adam.rate, "Adam's learning rate, for both networks")->capture_default_str();
    sub.add_option("--penalty", settings.penalty_weight, "Weight of the gradient penalty")->capture_default_str();
    sub.add_flag("--plain", settings.plain,
                 "No fused layers, no masks packed into bits, no gathered launches: to study the plain path");
    sub.add_option("--seed", settings.seed, "The same seed, data and device give the same bits")
        ->check(whole_number(UINT64_MAX))
        ->capture_default_str();
    return &sub;
}

}  // namespace

Action add_train(CLI::App& app) {
    auto command = std::make_shared<TrainCommand>();
    musegan::RunOptions& options = command->options;
    CLI::App* const sub = app.add_subcommand("train", "Train a model with WGAN-GP");
    sub->footer(
        "Ctrl-C saves and ends; --resume continues to the same bits as a run without a break.\n"
        "Example: musegan train --data data.safetensors --run run --width 0.25 --batch 16 --steps 2000");
    sub->add_option("--data", command->data, "Dataset from `musegan prepare`")->required();
    sub->add_option("--run", command->run, "Folder of the run: model, state, log.csv, events, samples")->required();
    command->model_options = add_model_options(*sub, options.settings, command->schedule);
    sub->add_option("--steps", options.steps, "Generator updates in all")
        ->check(whole_number(1'000'000'000))
        ->capture_default_str();
    sub->add_option("--sample-every", options.sample_every, "Steps between samples; 0 takes none")
        ->check(whole_number(1'000'000'000))
        ->capture_default_str();
    sub->add_option("--checkpoint-every", options.checkpoint_every, "Steps between checkpoints")
        ->check(whole_number(1'000'000'000))
        ->capture_default_str();
    sub->add_flag("--start-at-densities", options.start_at_densities,
                  "Start the generator's outputs at the data's note densities instead of 0: music comes sooner");
    sub->add_flag("--resume", options.resume, "Go on with the run in --run");
    command->compute.add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
