// A run from start to end: data in, steps, logs, samples, checkpoints, pictures.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "musegan/phrase/grid.hpp"
#include "musegan/training/run_folder.hpp"
#include "musegan/training/training.hpp"

namespace musegan {

struct RunOptions {
    std::filesystem::path data{};
    RunFolder run{};
    TrainingSettings settings{};
    std::int64_t steps = 1000;            ///< generator updates in all, those before a resume included
    std::int64_t sample_every = 100;      ///< 0: never
    std::int64_t evaluate_every = 100;    ///< metrics of the model's phrases (run_metrics.hpp); 0: never
    std::int64_t checkpoint_every = 100;  ///< the last step is saved in any case
    bool resume = false;
    /// Start the generator's outputs at the data's densities (Training::start_at_densities) instead of 0.
    bool start_at_densities = false;
    std::filesystem::path
        start_from{};  ///< a model or state file to begin with (start_from, checkpoint.hpp); empty: none

    /// Throws Error for a value out of its range (settings_of), of the settings too.
    void validate() const;
};
/// What a run does beside its numbers: steps, samples, checkpoints and its start. The rest is in settings.
io::SettingList settings_of(RunOptions& options);

/// What is known before step 1.
struct RunStart {
    PhraseShape shape{};
    ReductionCounts reduction{};  ///< from the dataset's grid to the model's; zero where they are one
    std::int64_t phrases = 0, generator_parameters = 0, critic_parameters = 0;
    Rehearsal rehearsal{};             ///< what a step costs
    std::int64_t data_bytes = 0;       ///< of its peak: the phrases, packed
    std::int64_t available_bytes = 0;  ///< that the device has for tensors
    std::int64_t first_step = 0;       ///< steps done by an earlier part of this run
};

/// The run talks through these; each may be empty. Libraries print nothing.
struct RunObserver {
    std::function<void(const RunStart&)> started;
    std::function<void(const StepReport&, double steps_per_second)> stepped;
    /// Told of what failed without ending the run, such as a sample that could not be written, and of what was
    /// repaired.
    std::function<void(const std::string&)> warned;
    /// Asked before every update; true ends the run there, in the middle of a step too, after a checkpoint.
    std::function<bool()> stop_requested;
};

struct RunSummary {
    std::int64_t steps = 0;
    std::int64_t critic_updates = 0;  ///< of the step after those, where it was stopped inside one
    bool stopped = false;             ///< before options.steps, on request
    double seconds = 0;
    StepReport last;
};

/// Trains on options.data, reduced to the grid of the model's shape (phrase/grid.hpp). The run's folder is locked
/// before anything else, and has a state before the first step: a run that was killed before it did one is begun anew
/// by the same call. A row of the log that cannot be written ends the run after a checkpoint.
///
/// Throws Error for a folder that another process uses or that already holds a run that has done a step (without
/// resume) or none (with it), for more steps done than options.steps asks for, data of another shape than the model's,
/// grid aside, settings or data that do not fit, a device with too little memory, a full disk, a folder that was moved
/// (after saving there), removed or replaced under the run, and the first value that is not finite: then the last
/// checkpoint stays whole. A run that is refused leaves no folder.
RunSummary run_training(const RunOptions& options, const RunObserver& observer);

}  // namespace musegan
