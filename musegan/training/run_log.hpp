// The record of a run: log.csv, TensorBoard events and samples.
#pragma once

#include <string>
#include <vector>

#include "io/csv.hpp"
#include "io/tfevents.hpp"
#include "musegan/phrase/packing.hpp"
#include "musegan/training/run_folder.hpp"
#include "musegan/training/training.hpp"

namespace musegan {

class RunLog {
  public:
    /// Starts a log, or goes on after step `kept_steps` of an earlier one. Each critic has its columns; without a
    /// penalty there are none of it and its slopes.
    RunLog(const RunFolder& run, const Training& training, bool resume);

    void step(const StepReport& report, double steps_per_second);
    /// Writes the three sample files of phrases made after a step, and the picture as an event.
    void sample(PackedPhrases phrases, std::int64_t step);
    void flush();

  private:
    RunFolder run_;
    bool with_penalty_;
    std::vector<std::string> columns_;
    io::CsvWriter csv_;
    io::EventWriter events_;
};

/// Columns of log.csv as numbers, by name: those of the one critic of all tracks, or of each critic of one, such as
/// "bass.wasserstein". Throws Error for a file that is no log of ours.
struct LogTable {
    std::vector<std::string> columns;
    std::vector<std::vector<double>> values;  ///< by column
    bool contains(const std::string& name) const;
    /// Throws Error where there is none of that name.
    const std::vector<double>& column(const std::string& name) const;
};
LogTable read_log(const RunFolder& run);

}  // namespace musegan
