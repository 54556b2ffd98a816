// The record of a run: log.csv, TensorBoard events and samples.
#pragma once

#include <string>
#include <vector>

#include "io/csv.hpp"
#include "io/tfevents.hpp"
#include "musegan/training/run_folder.hpp"
#include "musegan/training/training.hpp"

namespace musegan {

class RunLog {
  public:
    /// Starts a log, or goes on after step `kept_steps` of an earlier one.
    RunLog(const RunFolder& run, bool resume, std::int64_t kept_steps);

    void step(const StepReport& report, double steps_per_second);
    /// Decodes `latents` and writes the three sample files of this step, and the picture as an event.
    void sample(const Generator& generator, const Latents& latents, std::int64_t step);
    void flush();

  private:
    RunFolder run_;
    io::CsvWriter csv_;
    io::EventWriter events_;
};

/// Columns of log.csv as numbers, by name. Throws Error for a file that is no log of ours.
struct LogTable {
    std::vector<std::string> columns;
    std::vector<std::vector<double>> values;  ///< by column
    const std::vector<double>& column(const std::string& name) const;
};
LogTable read_log(const RunFolder& run);

}  // namespace musegan
