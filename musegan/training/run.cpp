#include "musegan/training/run.hpp"

#include <chrono>
#include <memory>

#include "musegan/data/dataset.hpp"
#include "musegan/music/sampling.hpp"
#include "musegan/training/checkpoint.hpp"
#include "musegan/training/config.hpp"
#include "musegan/training/memory.hpp"
#include "musegan/training/run_figures.hpp"
#include "musegan/training/run_log.hpp"
#include "musegan/training/run_metrics.hpp"
#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tensor/purpose.hpp"

namespace musegan {

namespace {

constexpr std::int64_t sample_phrases = 4;

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// The packed phrases on a device.
Tensor tensor_of(const PhraseView& phrases, Device device) {
    const tensor::PurposeScope purpose(tensor::Purpose::data);
    return Tensor::from(phrases.bits(), {phrases.count(), phrases.shape().bytes()}).to(device);
}

/// One run: owns the state and its record, and goes on step by step.
class ActiveRun {
  public:
    ActiveRun(const RunOptions& options, const RunObserver& observer)
        : options_(options),
          observer_(observer),
          lock_(claim()),
          data_(std::make_unique<Dataset>(open_data(options))),
          fingerprint_(options.resume ? data_fingerprint(*data_, options.run) : data_fingerprint(*data_)),
          training_(start()),
          log_(options.run, training_, options.resume),
          latents_(sample_latents()),
          given_(sample_given()),
          metrics_(start_metrics()) {
        data_.reset();  // what the run needs of it is on the device
    }

    RunSummary go() {
        const Clock::time_point begin = Clock::now();
        RunSummary summary;
        if (!log_.repaired().empty()) warn(log_.repaired());
        if (metrics_ && !metrics_->log().repaired().empty()) warn(metrics_->log().repaired());
        // A kill between the two files of a checkpoint leaves the model behind the state.
        if (options_.resume) save();
        if (options_.resume) forgive([&] { remove_samples_of_the_break(); });
        if (lacks_sample()) sample();
        if (training_.steps() == 0 && training_.critic_updates() == 0) evaluate();
        while (training_.steps() < options_.steps && !summary.stopped) {
            const Clock::time_point step_begin = Clock::now();
            const std::optional<StepReport> report = training_.step_unless(observer_.stop_requested);
            summary.stopped = !report;
            if (report) end_step(summary.last = *report, 1.0 / seconds_since(step_begin));
        }
        if (summary.stopped) save();
        // What a run has learned is heard wherever it ends; a sample that every run has of this step stays.
        if (summary.stopped && (!is_sampled(training_.steps()) || lacks_sample())) sample();
        summary.steps = training_.steps();
        summary.critic_updates = training_.critic_updates();
        summary.seconds = seconds_since(begin);
        forgive([&] { draw_run_figures(options_.run); });
        return summary;
    }

  private:
    /// Nothing is read or written before the folder is ours.
    RunLock claim() const {
        if (options_.resume && !std::filesystem::exists(options_.run.path())) options_.run.require_state();
        RunLock lock(options_.run.path());
        if (options_.resume) options_.run.require_state();
        if (!options_.run.has_state()) options_.run.require_no_remains();
        else require_steps(checkpoint_counters(options_.run));
        return lock;
    }

    /// A run that has done no update may be begun anew; one that has done more steps than are asked for has no end.
    void require_steps(const TrainingCounters& done) const {
        const std::string folder = options_.run.name();
        if (!options_.resume && done.critic_adam > 0)
            tensor::fail(folder, "already holds a run, of {} steps (--resume goes on, another --run starts anew)",
                         done.steps);
        if (done.steps > options_.steps)
            tensor::fail(folder, "holds a run of {} steps, {} are asked for, expected as many or more", done.steps,
                         options_.steps);
    }

    Training start() {
        TrainingSettings settings = options_.settings;
        if (options_.resume) require_same_run(options_.run, settings, fingerprint_);
        if (!data_->file().has_checksums())
            warn(fmt::format("[{}] has no checksums (an earlier version wrote it): damage goes unnoticed",
                             options_.data.string()));
        RunStart facts{.shape = settings.model.shape, .phrases = data_->count()};
        const tensor::Backend& backend = tensor::backend(settings.device);
        facts.data_bytes = data_->count() * settings.model.shape.bytes();
        facts.available_bytes = backend.arena().limit() - backend.facts().workspace_bytes;
        settings = fitted(settings, data_->count(), facts.available_bytes);
        facts.rehearsal = require_memory(settings, data_->count(), facts.available_bytes);
        PackedPhrases reduced;
        const PhraseView phrases = phrases_for(settings.model.shape, reduced, facts.reduction);
        require_given_track(phrases);
        Training training(settings, tensor_of(phrases, settings.device));
        if (options_.resume) {
            load_checkpoint(options_.run, training, fingerprint_);
            forgive([&] { keep_data_path(options_.run, options_.data); });
        } else {
            if (options_.start_at_densities) training.start_at_densities(cells_on(phrases));
            if (!options_.start_from.empty()) start_from(options_.start_from, training);
            begin_folder(training);
        }
        facts.first_step = training.steps();
        facts.generator_parameters = training.model().parameters().count();
        for (const Critic& critic : training.critics()) facts.critic_parameters += critic.parameters().count();
        if (observer_.started) observer_.started(facts);
        return training;
    }

    /// The state before step 1. With it a run that is killed before its next checkpoint can be begun anew: what such a
    /// run has left is not worth keeping.
    void begin_folder(const Training& training) const {
        if (options_.run.has_state()) options_.run.remove_record();
        save_checkpoint(options_.run, training, fingerprint_);
        write_config(options_);
    }

    /// A model cannot learn to listen to a track that never plays.
    void require_given_track(const PhraseView& phrases) const {
        const std::optional<int> given = options_.settings.model.given();
        if (given && densities_of(phrases, phrases.count())[static_cast<std::size_t>(*given)].active_bars == 0)
            tensor::fail(options_.data.string(), "no phrase has a note of {}, expected some for {}",
                         tracks[static_cast<std::size_t>(*given)].name, options_.settings.model.name());
    }

    /// Data that the model can learn from once it is on the model's grid.
    static Dataset open_data(const RunOptions& options) {
        Dataset data = Dataset::open(options.data);
        const PhraseShape& shape = options.settings.model.shape;
        if (data.shape().on_grid(shape.steps_per_beat) != shape)
            tensor::fail(options.data.string(), "phrases of {}, expected those of the model: {}",
                         data.shape().to_string(), shape.to_string());
        return data;
    }

    /// The data on the model's grid. A coarser grid than the data's is made in `reduced`.
    PhraseView phrases_for(const PhraseShape& shape, PackedPhrases& reduced, ReductionCounts& counts) const {
        if (data_->shape() == shape) return data_->phrases();
        reduced = reduce(data_->phrases(), shape.steps_per_beat, &counts);
        return reduced;
    }

    /// Of each track, %.
    static std::vector<double> cells_on(const PhraseView& phrases) {
        std::vector<double> shares;
        for (const TrackDensity& track : densities_of(phrases)) shares.push_back(track.cells_on);
        return shares;
    }

    Latents sample_latents() const {
        tensor::RandomStream stream = stream_for(options_.settings.seed, Stream::samples);
        return Latents::draw(stream, sample_phrases, training_.model().architecture(), options_.settings.dtype,
                             options_.settings.device);
    }

    /// What a track-conditional model is given for the samples: that track of phrases spread evenly over the data.
    Tensor sample_given() const {
        PackedPhrases chosen{data_->shape()};
        for (std::int64_t k = 0; k < sample_phrases; ++k)
            chosen.append(data_->phrases()[k * data_->count() / sample_phrases]);
        return given_track_of(training_.model(), reduce(chosen, options_.settings.model.shape.steps_per_beat));
    }

    std::optional<RunMetrics> start_metrics() const {
        if (options_.evaluate_every == 0) return std::nullopt;
        const PhraseSequence phrases = on_grid(data_->phrases(), options_.settings.model.shape.steps_per_beat);
        return RunMetrics(options_.run, training_, phrases, options_.resume);
    }

    bool is_sampled(std::int64_t step) const { return options_.sample_every > 0 && step % options_.sample_every == 0; }

    /// Before the first step; and where an earlier part of the run could not write the sample of its last one.
    bool lacks_sample() const {
        return is_sampled(training_.steps()) && training_.critic_updates() == 0 &&
               !std::filesystem::exists(options_.run.sample(training_.steps(), ".png"));  // the last of its files
    }

    /// Samples after this step, which are made anew, and that of this step if it is there because an earlier part of
    /// the run ended here: what is left is what a run without a break has.
    void remove_samples_of_the_break() const {
        const std::int64_t done = training_.steps();
        const bool goes_on = done < options_.steps && options_.sample_every > 0;
        options_.run.remove_samples(
            [&](std::int64_t step) { return step > done || (step == done && goes_on && !is_sampled(step)); });
    }

    /// Everything that belongs to a step that is done.
    void end_step(const StepReport& report, double rate) {
        require_in_place();
        try {
            log_.step(report, rate);
        } catch (const tensor::Error& error) {
            save();  // which tries to write the row once more
            tensor::fail("train", "{} (the run is saved after step {} and can be resumed)", error.what(), report.step);
        }
        if (observer_.stepped) observer_.stepped(report, rate);
        if (metrics_ && report.step % options_.evaluate_every == 0) evaluate();
        const bool last = report.step == options_.steps;
        if (last || is_sampled(report.step)) sample();
        if (last || report.step % options_.checkpoint_every == 0) save();
    }

    void save() {
        require_in_place();
        try {
            save_into(options_.run);
        } catch (const tensor::Error&) {
            require_in_place();  // it may have been moved meanwhile
            throw;
        }
    }

    /// The rows of the log are on the disk before the state that counts them. Where they cannot be, the state is saved
    /// all the same, before the run ends with the reason.
    void save_into(const RunFolder& folder) {
        std::string fault;
        try {
            log_.sync();
        } catch (const tensor::Error& error) {
            fault = error.what();
        }
        if (metrics_) forgive([&] { metrics_->log().sync(); });  // the run does without them
        save_checkpoint(folder, training_, fingerprint_);
        if (!fault.empty())
            tensor::fail("train", "{} (the run is saved after step {} and can be resumed)", fault, training_.steps());
    }

    /// A folder that was moved is where the run is; it is saved there. One that is gone cannot be written to, and a
    /// folder of that name is another's.
    void require_in_place() {
        if (lock_.is_in_place()) return;
        const std::string folder = options_.run.name();
        const std::optional<std::filesystem::path> moved = lock_.current_path();
        if (!moved)
            tensor::fail(folder, "was removed while the run wrote into it, and what it learned with it (step {})",
                         training_.steps());
        save_into(*moved);
        tensor::fail(folder,
                     "was moved to {} while the run wrote into it; saved there after step {}, and can be resumed",
                     moved->string(), training_.steps());
    }

    /// Measures the model's phrases, unless that was done before this step was resumed.
    void evaluate() {
        if (!metrics_ || metrics_->log().last_step() == training_.steps()) return;
        require_in_place();
        forgive([&] { metrics_->evaluate(training_, log_.events()); });
    }

    void sample() {
        if (options_.sample_every == 0) return;
        require_in_place();
        const tensor::ExecutionScope execution(options_.settings.execution);
        // The same chances at every step, so that samples differ by what was learned.
        tensor::RandomStream chance = stream_for(options_.settings.seed, Stream::samples, 1);
        forgive([&] {
            log_.sample(decode(training_.sampled_model(), latents_, given_, {.neurons = &chance}), training_.steps());
        });
    }

    /// A picture that cannot be written is no reason to lose a day of training.
    template <typename Work>
    void forgive(const Work& work) {
        try {
            work();
        } catch (const std::exception& error) {
            warn(error.what());
        }
    }
    void warn(const std::string& text) const {
        if (observer_.warned) observer_.warned(text);
    }

    const RunOptions& options_;
    const RunObserver& observer_;
    RunLock lock_;
    std::unique_ptr<Dataset> data_;  ///< while the run begins
    std::string fingerprint_;
    Training training_;
    RunLog log_;
    Latents latents_;
    Tensor given_;
    std::optional<RunMetrics> metrics_;
};

}  // namespace

io::SettingList settings_of(RunOptions& options) {
    io::SettingList list;
    constexpr std::int64_t most = 1'000'000'000;
    list.number<std::int64_t>("steps", options.steps, {1, most}, "Generator updates in all");
    list.number<std::int64_t>("sample_every", options.sample_every, {0, most}, "Steps between samples; 0 takes none");
    list.number<std::int64_t>("evaluate_every", options.evaluate_every, {0, most},
                              "Steps between measuring the model's phrases, into metrics.csv; 0: never");
    list.number<std::int64_t>("checkpoint_every", options.checkpoint_every, {1, most}, "Steps between checkpoints");
    list.yes_or_no("start_at_densities", options.start_at_densities,
                   "Start the generators' outputs at the data's note densities instead of 0: music comes sooner");
    return list;
}

void RunOptions::validate() const {
    io::validate(*this, "train");
    settings.validate();
}

RunSummary run_training(const RunOptions& options, const RunObserver& observer) {
    options.validate();
    return ActiveRun(options, observer).go();
}

}  // namespace musegan
