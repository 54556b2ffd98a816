// musegan demo: songs, dataset, training and new music in one call of a few minutes.
#include <chrono>

#include "io/atomic_file.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/data/prepare.hpp"
#include "musegan/data/synth.hpp"
#include "musegan/evaluation/comparison.hpp"
#include "musegan/evaluation/evaluation_json.hpp"
#include "musegan/music/files.hpp"
#include "musegan/music/generate.hpp"
#include "musegan/music/interpolate.hpp"
#include "musegan/phrase/grid.hpp"
#include "musegan/training/checkpoint.hpp"
#include "musegan/training/config.hpp"
#include "tensor/error.hpp"
#include "tools/commands.hpp"
#include "tools/report.hpp"
#include "tools/setting_options.hpp"
#include "tools/shell_text.hpp"
#include "tools/terminal.hpp"
#include "tools/trained_model.hpp"

namespace tools {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t written_phrases = 8;  // the first of those that are measured

struct DemoCommand {
    std::string out = "out/demo";
    std::uint64_t seed = 1;
    double seconds = 200;
    std::int64_t songs = 120, steps = 3000;
    tensor::Precision precision = tensor::Precision::f32;
    musegan::SoundOptions sound;
    SettingOptions settings;
    ComputeOptions compute;
};

/// What a demo lets one change.
io::SettingList settings_of(DemoCommand& command) {
    io::SettingList list;
    list.number<std::uint64_t>("seed", command.seed, {0, UINT64_MAX}, "For songs, weights and music");
    list.number<std::int64_t>("songs", command.songs, {1, 100000}, "Songs in the corpus");
    list.number<std::int64_t>("steps", command.steps, {1, 1000000}, "Generator updates");
    list.number<double>("seconds", command.seconds, io::above(0.0, 1e9), "Training ends after this long in any case");
    list.precision(command.precision);
    list.include(settings_of(command.sound));
    return list;
}

void heading(const std::string& text) { say(fmt::format("\n{}", bold(text))); }

/// Makes the folder, or takes one that an earlier demo made, whose songs, run and music it makes anew. Refuses any
/// other folder that is not empty.
void claim(const fs::path& out) {
    const fs::path mark = out / ".musegan-demo";
    std::error_code error;
    if (fs::exists(out, error) && !fs::exists(mark, error) &&
        !(fs::is_directory(out, error) && fs::is_empty(out, error)))
        tensor::fail(out.string(),
                     "is there and was not made by `musegan demo`, expected a new or empty folder (another --out)");
    fs::create_directories(out, error);
    if (error) tensor::fail(out.string(), "cannot make this folder: {}", error.message());
    io::write_file_atomically(mark, {});
}

/// The preset that needs least: all that it does not say is as in `musegan train`.
musegan::RunOptions training_options(const DemoCommand& command, const fs::path& out, tensor::Device device) {
    musegan::RunOptions options;
    musegan::take_preset(musegan::preset_named("compact"), options);
    options.data = out / "data.safetensors";
    options.run = out / "run";
    options.steps = command.steps;
    options.sample_every = std::max<std::int64_t>(1, command.steps / 16);
    options.settings.seed = command.seed;
    options.settings.device = device;
    options.settings.execution.precision = command.precision;
    return options;
}

void end_if_interrupted(std::int64_t, std::int64_t) {
    if (interrupted()) end_interrupted("demo", "what is finished stands; the same command makes it anew");
}

/// Writes the songs and the dataset.
void make_data(const DemoCommand& command, const fs::path& out) {
    heading("1. A corpus of rule-based songs");
    fs::remove_all(out / "songs");
    musegan::write_songs(out / "songs", command.songs, command.seed, end_if_interrupted);
    say(fmt::format("{} songs in {}", command.songs, (out / "songs").string()));
    heading("2. From MIDI to piano-rolls");
    musegan::PrepareOptions options;
    options.inputs = {out / "songs"};
    options.out = out / "data.safetensors";
    options.report = out / "report.csv";
    options.notes = {"musegan synth", "free to use"};
    options.progress = end_if_interrupted;
    const musegan::PrepareSummary summary = musegan::prepare(options);
    say(fmt::format("{} phrases of 4 bars from {} songs: {}", summary.phrases, summary.songs, options.out.string()));
}

void train(const DemoCommand& command, const fs::path& out, tensor::Device device) {
    heading("3. Training the compact composer");
    fs::remove_all(out / "run");
    const musegan::RunOptions options = training_options(command, out, device);
    const Clock::time_point begin = Clock::now();
    Progress progress("train", "steps", options.steps);
    musegan::RunObserver observer;
    bool has_step = false;  // so that there is music, whatever --seconds says
    observer.stepped = [&](const musegan::StepReport& report, double) {
        has_step = true;
        progress.update(report.step, fmt::format("W {:.2f}  slope {:.2f}", report.wasserstein(), report.slope_mean()));
    };
    observer.warned = [&](const std::string& text) { progress.note("warning: " + text); };
    observer.stop_requested = [&] {
        return interrupted() ||
               (has_step && std::chrono::duration<double>(Clock::now() - begin).count() > command.seconds);
    };
    const musegan::RunSummary summary = musegan::run_training(options, observer);
    progress.note(fmt::format("{} steps in {}", summary.steps, duration_text(summary.seconds)));
    end_if_interrupted(0, 0);
}

musegan::PackedPhrases make_music(const DemoCommand& command, const musegan::Model& model) {
    Progress progress("music", "phrases", musegan::compared_phrases);
    const auto show = [&](std::int64_t done) {
        progress.update(done);
        end_if_interrupted(0, 0);
    };
    return musegan::generate_phrases(model,
                                     {.phrases = musegan::compared_phrases,
                                      .sampling = {.seed = command.seed, .execution = {.precision = command.precision}},
                                      .progress = show});
}

/// What is measured of the new phrases and of the data as `musegan evaluate` has it, with the nearest phrases of the
/// data for those that are written.
musegan::Evaluation evaluation_of(const musegan::Comparison& found, const musegan::PackedPhrases& phrases,
                                  const musegan::Dataset& data) {
    using tensor::count_text;
    const musegan::PhraseView written = phrases.view().first(written_phrases);
    musegan::Copying copying;
    for (std::int64_t k = 0; k < written.count(); ++k) copying.phrases.push_back(k);
    copying.nearest = musegan::nearest_phrases(written, musegan::on_grid(data.phrases(), phrases.shape.steps_per_beat));
    musegan::Evaluation evaluation{.shape = phrases.shape};
    evaluation.data = {.name = "data",
                       .about = fmt::format("{} of the {} phrases of data.safetensors, spread evenly",
                                            count_text(found.data.phrases), count_text(data.count())),
                       .available = data.count(),
                       .metrics = found.data};
    evaluation.sets.push_back({.name = "run",
                               .about = fmt::format("{} phrases by the run", count_text(phrases.count())),
                               .metrics = found.made,
                               .copying = std::move(copying)});
    return evaluation;
}

/// Prints the numbers of the new phrases beside the data's, and writes them into files, for readers and for the report.
void compare_with_data(const fs::path& out, const musegan::RunFolder& run, const musegan::PackedPhrases& phrases) {
    const musegan::Dataset data = musegan::Dataset::open(out / "data.safetensors");
    const musegan::PackedPhrases beside =
        musegan::reduce(musegan::spread_phrases(data.phrases(), musegan::compared_data), phrases.shape.steps_per_beat);
    say(fmt::format("in numbers, {} new phrases beside {} of the data:\n", phrases.count(), beside.count()));
    const musegan::Comparison found = musegan::compare(phrases, beside);
    const std::string table = musegan::comparison_table(found);
    std::fputs(table.c_str(), stdout);
    io::write_file_atomically(out / "table.txt", io::as_bytes(table));
    io::write_file_atomically(run.evaluation(),
                              io::as_bytes(musegan::evaluation_json(evaluation_of(found, phrases, data))));
}

/// A square of phrases between four of the new ones, as `musegan interpolate --grid` writes it.
void interpolate(const DemoCommand& command, const musegan::RunFolder& run, const musegan::Model& model) {
    const musegan::InterpolateOptions options{
        .steps = 5,
        .grid = true,
        .sampling = {.seed = command.seed, .execution = {.precision = command.precision}},
        .progress = [](std::int64_t) { end_if_interrupted(0, 0); }};
    musegan::write_phrases(run.interpolation(), musegan::interpolate(model, options), {}, musegan::sheet_of(options),
                           end_if_interrupted);
}

int run(DemoCommand& command) {
    const fs::path out(command.out);
    settle_sound(command.sound, "all.wav", frames_of_all(written_phrases, musegan::WriteOptions{}.tempo));
    const tensor::Device device = command.compute.apply();
    check_precision(command.precision, device);
    const musegan::WriteOptions writing{.beside = {.sound = command.sound}};
    claim(out);
    say(fmt::format("device: {}", device_line(device, command.precision)));
    watch_interrupt("ending after this update");
    make_data(command, out);
    train(command, out, device);
    heading("4. New music");
    const musegan::RunFolder run(out / "run");
    const musegan::Model model = musegan::load_model(run.model(), tensor::DType::f32, device);
    const musegan::PackedPhrases phrases = make_music(command, model);
    fs::remove_all(out / "music");
    musegan::write_phrases(out / "music", phrases.view().first(written_phrases), writing, {}, end_if_interrupted);
    interpolate(command, run, model);
    compare_with_data(out, run, phrases);
    const bool has_report = report_run(run.path(), [](const std::string& text) { say("warning: " + text); });
    heading("Look and listen");
    const auto point_to = [](const fs::path& file, const std::string& what) {
        say(fmt::format("  {:<32} {}", file.string(), what));
    };
    if (has_report) point_to(run.report(), "all of it in a browser: look, listen, compare");
    point_to(out / "music" / "all.png",
             fmt::format("eight new phrases ({}: to listen to)", command.sound.wav ? "all.wav" : "all.mid"));
    point_to(run.evolution_figure(), "two phrases along training");
    point_to(run.losses_figure(), "the critic's loss");
    point_to(out / "table.txt", "the numbers above");
    const std::string self = shell_quoted(own_name());
    say(
        fmt::format("\nnext, with your own music:\n  {} prepare your/midi --out data.safetensors\n"
                    "  {} train --data data.safetensors --run run",
                    self, self));
    return 0;
}

}  // namespace

Action add_demo(CLI::App& app) {
    auto command = std::make_shared<DemoCommand>();
    CLI::App* const sub = app.add_subcommand("demo", "Everything once: songs, dataset, training, new music, pictures");
    sub->footer(
        "Trains the compact composer on rule-based songs for about three minutes on two cores.\n"
        "--out is a new or empty folder, or one that an earlier demo made, whose files it makes anew.\n"
        "Example: musegan demo --out out/demo");
    sub->add_option("--out", command->out, "Folder to write into")->capture_default_str();
    command->settings.add_to(*sub, settings_of(*command));
    command->compute.add_to(*sub);
    return [command] { return run(*command); };
}

}  // namespace tools
