// musegan train: a run from a dataset to a model.
#include "musegan/training/run.hpp"

#include <ctime>
#include <optional>

#include "musegan/training/checkpoint.hpp"
#include "musegan/training/config.hpp"
#include "musegan/training/forecast.hpp"
#include "tensor/arena.hpp"
#include "tensor/error.hpp"
#include "tools/commands.hpp"
#include "tools/report.hpp"
#include "tools/setting_options.hpp"
#include "tools/shell_text.hpp"
#include "tools/standard_output.hpp"
#include "tools/terminal.hpp"
#include "tools/usage.hpp"

namespace tools {

namespace {

/// The value of --preset that leaves the choice to the device.
constexpr const char* automatic = "auto";

struct TrainCommand {
    musegan::RunOptions options;
    std::string data, run, preset = automatic, start_from;
    bool plain = false, print_config = false;
    SettingOptions run_options, settings;
    ComputeOptions compute;
};

/// What a coarser grid cost.
std::string describe(const musegan::ReductionCounts& counts, int steps_per_beat) {
    return fmt::format(
        "reduced to {} steps per beat: {} of {} notes became one with the note before, {} were lost; "
        "{} of {} drum hits fell into the step of another",
        steps_per_beat, counts.joined, counts.notes, counts.lost, counts.merged, counts.hits);
}

/// What the device has to hold: what a smaller batch changes, and what it does not.
std::string describe_memory(const musegan::RunStart& start, tensor::Device device) {
    const auto text = [](std::int64_t bytes) { return bytes_text(static_cast<double>(bytes)); };
    const std::int64_t peak = start.rehearsal.peak_bytes;
    return fmt::format(
        "memory: {} at the peak, of {} on {}: {} for networks and batch (a smaller --batch or --width needs less), "
        "{} for the data",
        text(peak), text(start.available_bytes), device.to_string(), text(peak - start.data_bytes),
        text(start.data_bytes));
}

/// "14:05", that many seconds from now by the clock of the machine.
std::string moment_after(double seconds) {
    const std::time_t now = std::time(nullptr), then = now + static_cast<std::time_t>(seconds);
    std::tm local_now{}, local_then{};
    localtime_r(&now, &local_now);
    localtime_r(&then, &local_then);
    return musegan::moment_text(local_then, local_now);
}

/// Prints what the run reports, in words for a terminal or a log.
class Reporter {
  public:
    explicit Reporter(const musegan::RunOptions& options) : options_(options) {}

    musegan::RunObserver observer() {
        return {.started = [this](const musegan::RunStart& start) { begin(start); },
                .stepped = [this](const musegan::StepReport& report, double rate) { step(report, 1 / rate); },
                .warned = [this](const std::string& text) { note("warning: " + text); },
                .stop_requested = interrupted};
    }

  private:
    void begin(const musegan::RunStart& start) {
        say(fmt::format("{}; {} phrases; generators {} and critics {} parameters; batch {}, {} critic updates per step",
                        options_.settings.model.name(), start.phrases, start.generator_parameters,
                        start.critic_parameters, options_.settings.batch, options_.settings.critic_steps));
        if (start.shape.steps_per_beat != musegan::PhraseShape::finest)
            say(describe(start.reduction, start.shape.steps_per_beat));
        say(fmt::format("{} per critic update, {} per generator update",
                        flops_text(start.rehearsal.critic_update_flops),
                        flops_text(start.rehearsal.generator_update_flops)));
        say(describe_memory(start, options_.settings.device));
        if (start.first_step > 0) say(fmt::format("resumed after step {}", start.first_step));
        rehearsal_ = start.rehearsal;
        forecast_.emplace(options_.settings, rehearsal_, start.first_step, options_.steps);
        progress_ = std::make_unique<Progress>("train", "steps", options_.steps, start.first_step);
        std::fflush(stdout);
    }
    void step(const musegan::StepReport& report, double seconds) {
        if (const auto cost = forecast_->step(seconds)) tell(*cost);
        const bool has_slopes = options_.settings.objective.has_penalty();
        const std::string slope = has_slopes ? fmt::format("slope {:.2f}  ", report.slope_mean()) : std::string();
        progress_->update(report.step,
                          fmt::format("W {:.3f}  {}G {:.3f}", report.wasserstein(), slope, report.generator_loss()));
    }
    /// How long the run will take; and what would shorten it, where that is worth a thought.
    void tell(const musegan::RunCost& cost) {
        constexpr double long_run = 3600;
        note(musegan::cost_text(cost, moment_after(cost.seconds_left)));
        // Other networks could not begin with the weights of --start-from.
        if (cost.seconds <= long_run || !options_.start_from.empty()) return;
        if (const auto shorter = musegan::shortcut(options_.settings, rehearsal_)) note("shorter: " + shorter->text());
    }
    void note(const std::string& text) {
        if (progress_) progress_->note(text);
        else say(text);
    }

    const musegan::RunOptions& options_;
    musegan::Rehearsal rehearsal_;
    std::optional<musegan::Forecast> forecast_;
    std::unique_ptr<Progress> progress_;
};

/// --start-from takes what --run and --weights take elsewhere.
std::filesystem::path weights_of(const std::string& run_or_file) {
    const std::filesystem::path path(run_or_file);
    return std::filesystem::is_directory(path) ? musegan::RunFolder(path).model() : path;
}

/// Takes a preset where the command line leaves that open: the networks of the weights to begin with, or what the
/// device and the time grid of the command line (if it states one) suggest. Returns what to say of it.
std::string take_automatic_preset(const TrainCommand& command, musegan::RunOptions& options, tensor::DeviceKind device,
                                  std::optional<int> steps_per_beat) {
    if (!command.start_from.empty()) {
        musegan::take_model_of(options.start_from, options);
        return fmt::format("{}, as in {}", options.settings.model.preset.name, command.start_from);
    }
    const musegan::PresetChoice choice = musegan::automatic_preset(device, steps_per_beat);
    musegan::take_preset(musegan::preset_named(choice.name), options);
    return fmt::format("{}, {}", choice.name, choice.reason);
}

/// Settings from the run that is resumed, or else by themselves; then the preset's; then those of the command line,
/// which the options of the run hold already. Returns what to say of a preset that nobody chose; "" for nothing.
std::string gather_settings(TrainCommand& command, tensor::DeviceKind device) {
    musegan::RunOptions& options = command.options;
    musegan::TrainingSettings& settings = options.settings;
    std::optional<int> steps_per_beat;
    if (command.settings.states("resolution")) steps_per_beat = settings.model.shape.steps_per_beat;
    std::string choice;
    settings = options.resume ? musegan::checkpoint_settings(options.run) : musegan::TrainingSettings{};
    if (command.preset != automatic)
        check_usage([&] { musegan::take_preset(musegan::find_preset(command.preset), options); });
    else if (!options.resume) choice = take_automatic_preset(command, options, device, steps_per_beat);
    if (command.plain) settings.make_plain();
    command.settings.apply(settings_of(settings));
    command.run_options.apply(settings_of(options));
    if (options.resume) musegan::require_same_settings(options.run, settings);
    return choice;
}

/// "after step 12 of 100 and 3 of the 5 critic updates of the next".
std::string where_it_ended(const musegan::RunOptions& options, const musegan::RunSummary& summary) {
    const std::string steps = fmt::format("after step {} of {}", summary.steps, options.steps);
    if (summary.critic_updates == 0) return steps;
    return fmt::format("{} and {} of the {} critic updates of the next", steps, summary.critic_updates,
                       options.settings.critic_updates(summary.steps));
}

std::string next_command(const TrainCommand& command, const musegan::RunSummary& summary) {
    if (summary.stopped) return "the same command with --resume goes on from here";
    if (command.options.settings.model.given())
        return fmt::format("{} accompany --input song.mid --run {} --out music", shell_quoted(own_name()),
                           shell_quoted(command.run));
    return fmt::format("{} generate --run {} --phrases 8 --out music", shell_quoted(own_name()),
                       shell_quoted(command.run));
}

int run(TrainCommand& command) {
    musegan::RunOptions& options = command.options;
    if (!command.print_config)
        require_stated(command.data, "train", "--data", "the dataset that `musegan prepare` made");
    if (!command.print_config || options.resume) require_stated(command.run, "train", "--run", "a folder to train in");
    options.data = command.data;
    options.run = std::filesystem::path(command.run);
    if (!command.start_from.empty()) options.start_from = weights_of(command.start_from);
    const AutomaticDevice chosen = command.compute.resolve();
    const std::string preset_choice = gather_settings(command, chosen.device.kind);
    check_usage([&] {
        options.validate();
        musegan::architecture_of(options.settings.model);
    });
    if (command.print_config) {
        print_text(musegan::config_toml(options));
        return 0;
    }
    chosen.explain();
    options.settings.device = chosen.device;
    check_precision(options.settings.execution.precision, options.settings.device);
    say(fmt::format("device: {}", device_line(options.settings.device, options.settings.execution.precision)));
    if (!preset_choice.empty()) say("preset: " + preset_choice);
    watch_interrupt(
        "saving after this update (a second one ends at once, and loses what came after the last checkpoint)");
    musegan::RunSummary summary;
    {
        Reporter reporter(options);
        summary = musegan::run_training(options, reporter.observer());
    }
    const auto memory = tensor::arena(options.settings.device).statistics();
    say(fmt::format("{} {}, {}; peak memory of the tensors {}", summary.stopped ? "stopped" : "done",
                    where_it_ended(options, summary), duration_text(summary.seconds),
                    bytes_text(static_cast<double>(memory.peak))));
    if (report_run(options.run.path(), [](const std::string& text) { say("warning: " + text); }))
        say("look: " + shell_quoted(options.run.report().string()));
    say("next: " + next_command(command, summary));
    return summary.stopped ? interrupted_exit_code() : 0;
}

}  // namespace

Action add_train(CLI::App& app) {
    auto command = std::make_shared<TrainCommand>();
    musegan::RunOptions& options = command->options;
    CLI::App* const sub = app.add_subcommand("train", "Train a model with WGAN-GP");
    sub->footer(
        "Ctrl-C saves after the update that is under way and ends with code 130; --resume continues to the same bits "
        "as a\n"
        "run without a break.\n"
        "Example: musegan train --data data.safetensors --run run --steps 3000");
    sub->add_option("--data", command->data, "Dataset from `musegan prepare`");
    sub->add_option("--run", command->run,
                    "Folder of the run: model, state, config.toml, log.csv, metrics.csv, events, samples, pictures, "
                    "report.html");
    sub->add_option("--preset", command->preset,
                    fmt::format("Networks and settings to begin with: {}, a .toml file of your own, or {}: paper on a "
                                "GPU; on a CPU compact, or paper for a time grid that compact does not have; with "
                                "--start-from those of the weights",
                                fmt::join(musegan::preset_names(), ", "), automatic))
        ->capture_default_str();
    sub->add_flag("--print-config", command->print_config,
                  "Print networks and all settings as a preset, which reproduces the run, and end");
    sub->add_option("--start-from", command->start_from,
                    "Begin with the weights of another run of the same networks: its folder, or a model.safetensors");
    CLI::App& numbers = *sub->add_option_group("settings", "What decides the numbers of a run");
    command->settings.add_to(numbers, settings_of(options.settings));
    numbers.add_flag("--plain", command->plain,
                     "To study the plain path: --fusion off --gather-launches no --passes in_turn");
    command->run_options.add_to(*sub, settings_of(options));
    sub->add_flag("--resume", options.resume, "Go on with the run in --run");
    command->compute.add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
