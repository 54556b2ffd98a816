#include "musegan/training/run.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>

#include "io/file.hpp"
#include "io/safetensors.hpp"
#include "musegan/figures/chart.hpp"
#include "musegan/training/checkpoint.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/figures/figures.hpp"
#include "musegan/training/memory.hpp"
#include "musegan/training/run_log.hpp"
#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr std::int64_t sample_phrases = 4;

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void prepare_folder(const RunOptions& options) {
    std::error_code error;
    const auto there = [&](const std::filesystem::path& path) { return std::filesystem::exists(path, error); };
    if (options.resume && !there(state_path(options.run)))
        tensor::fail(options.run.string(), "no state.safetensors, expected the folder of an earlier `musegan train` (leave out --resume to start)");
    if (!options.resume && there(state_path(options.run)))
        tensor::fail(options.run.string(), "already holds a run (--resume goes on with it, another --run starts anew)");
    if (!options.resume && (there(model_path(options.run)) || there(samples_path(options.run)) || there(log_path(options.run))))
        tensor::fail(options.run.string(), "holds the remains of a run without a state (remove the folder, or take another --run)");
    std::filesystem::create_directories(options.run, error);
    if (error) tensor::fail(options.run.string(), "cannot make this folder: {}", error.message());
}

/// Two trainings in one folder would write over each other: the folder is locked while this lives, and a process that
/// ends, however it ends, leaves no lock behind.
class RunLock {
  public:
    explicit RunLock(const std::filesystem::path& run) : folder_(::open(run.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        if (!folder_.is_open()) tensor::fail(run.string(), "cannot open this folder: {}", std::strerror(errno));
        if (::flock(folder_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
            tensor::fail(run.string(), "is in use by another `musegan train`");
    }

  private:
    io::FileDescriptor folder_;
};

/// Samples after step `kept`: what a resumed run writes again.
void remove_later_samples(const std::filesystem::path& run, std::int64_t kept) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(samples_path(run), error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().stem().string();
        std::int64_t step = 0;
        if (!name.starts_with("step_")) continue;
        const auto parsed = std::from_chars(name.data() + 5, name.data() + name.size(), step);
        std::error_code removal;
        if (parsed.ec == std::errc{} && step > kept) std::filesystem::remove(entry->path(), removal);
    }
}

/// One run: owns the state and its record, and goes on step by step.
class ActiveRun {
  public:
    ActiveRun(const RunOptions& options, const RunObserver& observer)
        : options_(options), observer_(observer), data_(Dataset::open(options.data)),
          fingerprint_(data_fingerprint(data_.bits())), lock_((prepare_folder(options), options.run)), training_(start()),
          log_(options.run, options.resume, training_.steps()), latents_(sample_latents()) {}

    RunSummary go() {
        const Clock::time_point begin = Clock::now();
        RunSummary summary;
        // A kill between the two files of a checkpoint leaves the model behind the state.
        if (options_.resume) save();
        if (options_.resume) remove_later_samples(options_.run, training_.steps());
        if (training_.steps() == 0) sample();
        while (training_.steps() < options_.steps && !summary.stopped) {
            const Clock::time_point step_begin = Clock::now();
            summary.last = training_.step();
            const double rate = 1.0 / seconds_since(step_begin);
            log_.step(summary.last, rate);
            const std::int64_t done = training_.steps();
            const bool last = done == options_.steps;
            if (observer_.stepped) observer_.stepped(summary.last, rate);
            summary.stopped = !last && observer_.stop_requested && observer_.stop_requested();
            if (options_.sample_every > 0 && (last || done % options_.sample_every == 0)) sample();
            if (last || summary.stopped || done % options_.checkpoint_every == 0) save();
        }
        summary.steps = training_.steps();
        summary.seconds = seconds_since(begin);
        forgive([&] { draw_run_figures(options_.run); });
        return summary;
    }

  private:
    Training start() {
        RunStart facts;
        facts.phrases = data_.count();
        const tensor::Backend& backend = tensor::backend(options_.settings.device);
        facts.predicted_peak_bytes =
            require_room(options_.settings, data_.count(), backend.arena().limit() - backend.workspace_bytes());
        Training training(options_.settings, data_.packed().to(options_.settings.device));
        if (options_.resume) load_checkpoint(options_.run, training, fingerprint_);
        else if (options_.start_at_densities) training.start_at_densities(densities());
        facts.first_step = training.steps();
        facts.generator_parameters = training.generator().parameters().count();
        facts.critic_parameters = training.critic().parameters().count();
        if (observer_.started) observer_.started(facts);
        return training;
    }

    std::vector<double> densities() const {
        std::vector<double> shares;
        for (const TrackDensity& track : data_.densities()) shares.push_back(track.cells_on / 100.0);
        return shares;
    }

    Latents sample_latents() const {
        tensor::RandomStream stream = stream_for(options_.settings.seed, Stream::samples);
        return Latents::draw(stream, sample_phrases, options_.settings.model, options_.settings.dtype,
                             options_.settings.device);
    }

    void save() {
        log_.flush();
        save_checkpoint(options_.run, training_, fingerprint_);
    }

    void sample() {
        if (options_.sample_every > 0) forgive([&] { log_.sample(training_.generator(), latents_, training_.steps()); });
    }

    /// A picture that cannot be written is no reason to lose a day of training.
    template <typename Work>
    void forgive(const Work& work) {
        try {
            work();
        } catch (const std::exception& error) {
            if (observer_.warned) observer_.warned(error.what());
        }
    }

    const RunOptions& options_;
    const RunObserver& observer_;
    Dataset data_;
    std::string fingerprint_;
    RunLock lock_;
    Training training_;
    RunLog log_;
    Latents latents_;
};

/// At most `most` of `count` things, the first and the last among them, denser at the start, where most changes.
std::vector<std::size_t> spread(std::size_t count, std::size_t most) {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < std::min(count, most); ++i) {
        const double share = count <= most ? 0 : static_cast<double>(i) / static_cast<double>(most - 1);
        const std::size_t index = count <= most ? i : static_cast<std::size_t>(share * share * static_cast<double>(count - 1) + 0.5);
        if (chosen.empty() || index > chosen.back()) chosen.push_back(index);
    }
    return chosen;
}

void draw_losses(const std::filesystem::path& run) {
    const LogTable log = read_log(run);
    const std::vector<double>& steps = log.column("step");
    if (steps.size() < 2) return;
    const int window = static_cast<int>(std::clamp<std::size_t>(steps.size() / 20, 1, 101)) | 1;
    const std::vector<Series> series{
        {"negative critic loss", steps, log.column("negative_critic_loss"), {31, 119, 180}, window},
        {"Wasserstein estimate", steps, log.column("wasserstein"), {214, 89, 20}, window}};
    io::write_png(run / "losses.png", line_chart(series, {}, {.title = "Critic along training",
                                                               .x_label = "generator updates", .y_label = "score"}));
}

void draw_evolution(const std::filesystem::path& run) {
    std::vector<std::filesystem::path> files;
    if (std::filesystem::exists(samples_path(run)))
        for (const auto& entry : std::filesystem::directory_iterator(samples_path(run)))
            if (entry.path().extension() == ".safetensors") files.push_back(entry.path());
    if (files.empty()) return;
    // Numbers of more digits are longer names.
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
        return std::pair(a.native().size(), a.native()) < std::pair(b.native().size(), b.native());
    });
    std::vector<Stage> stages;
    for (const std::size_t i : spread(files.size(), 5)) {
        const io::SafetensorsFile file = io::SafetensorsFile::open(files[i]);
        const std::span<const std::uint8_t> bytes = file.at("phrases").bytes;
        if (bytes.size() < static_cast<std::size_t>(bytes_per_phrase)) tensor::fail(files[i].string(), "holds no phrase");
        const auto shown = bytes.first(std::min<std::size_t>(bytes.size(), 2 * bytes_per_phrase));
        stages.push_back({"step " + file.metadata("step"), {shown.begin(), shown.end()}});
    }
    io::write_png(run / "evolution.png", evolution_figure(stages));
}

}  // namespace

void RunOptions::validate() const {
    if (steps < 1) tensor::fail("train", "{} steps, expected at least 1", steps);
    if (sample_every < 0 || checkpoint_every < 1)
        tensor::fail("train", "samples every {} and checkpoints every {} steps, expected at least 0 and 1", sample_every,
                     checkpoint_every);
    settings.validate();
}

RunSummary run_training(const RunOptions& options, const RunObserver& observer) {
    options.validate();
    return ActiveRun(options, observer).go();
}

void draw_run_figures(const std::filesystem::path& run) {
    draw_losses(run);
    draw_evolution(run);
}

}  // namespace musegan
