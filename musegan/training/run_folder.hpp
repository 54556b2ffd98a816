// The folder of a run: what stands where in it, and who may write into it.
//
//     model.safetensors, state.safetensors        checkpoint.hpp
//     log.csv                                     one row per generator update
//     events.out.tfevents...                      the same for TensorBoard, and the sample pictures
//     metrics.csv, data/events.out.tfevents...    metric_log.hpp
//     samples/step_000100.{safetensors,mid,png}   the same random vectors (and given tracks) along training
//     losses.png, evolution.png, metrics.png      run_figures.hpp
//     report.html                                 pages/report_page.hpp, written by the command
//     .in-use                                     who writes into it, or wrote until it was killed
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "io/file.hpp"
#include "io/folder.hpp"

namespace musegan {

/// A folder that one process writes into: two trainings in one would write over each other. The folder is made where it
/// is missing, and locked, while this lives; a process that ends, however it ends, leaves no lock behind. A folder that
/// was made and is empty at the end is removed.
class RunLock {
  public:
    /// Throws Error for a folder that cannot be made or opened, or that another process holds, naming that process.
    explicit RunLock(const std::filesystem::path& folder);
    RunLock(RunLock&&) = default;
    RunLock& operator=(RunLock&&) = delete;
    ~RunLock();

    /// Whether the folder still stands where it stood: neither moved, nor removed, nor replaced by another. Also true
    /// where the system cannot say.
    bool is_in_place() const;
    /// Where the folder is now; nothing if it was removed.
    std::optional<std::filesystem::path> current_path() const;

  private:
    std::filesystem::path path_;
    io::MadeFolder made_;
    io::FileDescriptor folder_;
    io::FileDescriptor holder_;  ///< .in-use, with a lock of its own that others may ask for without taking one
};

/// Who holds the RunLock of a folder: "process 1234 since 2026-12-01 14:05:00"; nothing where nobody does, or where
/// the file system has no locks. Only asks: a training that begins at the same moment is not kept from its lock.
std::optional<std::string> holder_of(const std::filesystem::path& folder);

/// The step of a file of samples, by its name; nothing for another file.
std::optional<std::int64_t> step_of_sample(const std::filesystem::path& file);

class RunFolder {
  public:
    RunFolder() = default;
    RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

    const std::filesystem::path& path() const { return path_; }
    std::string name() const { return path_.string(); }
    std::filesystem::path model() const { return path_ / "model.safetensors"; }
    std::filesystem::path state() const { return path_ / "state.safetensors"; }
    /// The run as a preset: `musegan train --preset` of it does the same again.
    std::filesystem::path config() const { return path_ / "config.toml"; }
    std::filesystem::path log() const { return path_ / "log.csv"; }
    std::filesystem::path metrics() const { return path_ / "metrics.csv"; }
    /// Where the events of the data's metrics are.
    std::filesystem::path data_events() const { return path_ / "data"; }
    std::filesystem::path samples() const { return path_ / "samples"; }
    std::filesystem::path losses_figure() const { return path_ / "losses.png"; }
    std::filesystem::path evolution_figure() const { return path_ / "evolution.png"; }
    std::filesystem::path metrics_figure() const { return path_ / "metrics.png"; }
    /// The run as a page to look at and to listen to.
    std::filesystem::path report() const { return path_ / "report.html"; }
    /// What the report takes by itself where it is there: an evaluation of `musegan evaluate --json`, and the folder of
    /// a `musegan interpolate --grid`.
    std::filesystem::path evaluation() const { return path_ / "evaluation.json"; }
    std::filesystem::path interpolation() const { return path_ / "interpolation"; }
    /// A sample file of one step, by ending: samples/step_000100.mid for 100 and ".mid".
    std::filesystem::path sample(std::int64_t step, const std::string& ending) const;
    /// The packed samples (.safetensors) that are there, in the order of their steps. Throws Error for a folder that
    /// cannot be listed.
    std::vector<std::filesystem::path> packed_samples() const;
    /// Removes the samples of the steps that `is_removed` names. Throws Error likewise.
    void remove_samples(const std::function<bool(std::int64_t step)>& is_removed) const;

    /// Whether there is a file that `musegan train` writes into every run.
    bool has_any_file() const;
    bool has_state() const;
    /// Throws Error unless there is a run to go on with or to read.
    void require_state() const;
    /// Throws Error for what a run without a state has left: it may be worth something, so nobody writes over it.
    void require_no_remains() const;
    /// Removes the log, the events, the samples, the pictures and the report of a run that did no step.
    void remove_record() const;

  private:
    std::filesystem::path path_;
};

}  // namespace musegan
