// The record of a run: log.csv, TensorBoard events and samples.
#pragma once

#include <filesystem>
#include <functional>

#include "io/csv.hpp"
#include "io/tfevents.hpp"
#include "musegan/training/training.hpp"

namespace musegan {

class RunLog {
  public:
    /// Starts a log, or goes on after step `kept_steps` of an earlier one.
    RunLog(const std::filesystem::path& run, bool resume, std::int64_t kept_steps);

    void step(const StepReport& report, double steps_per_second);
    /// Decodes `latents` and writes the three sample files of this step, and the picture as an event.
    void sample(const Generator& generator, const Latents& latents, std::int64_t step);
    void flush();

  private:
    std::filesystem::path run_;
    io::CsvWriter csv_;
    io::EventWriter events_;
};

std::filesystem::path log_path(const std::filesystem::path& run);
std::filesystem::path samples_path(const std::filesystem::path& run);

/// Columns of log.csv as numbers, by name. Throws Error for a file that is no log of ours.
struct LogTable {
    std::vector<std::string> columns;
    std::vector<std::vector<double>> values;  ///< by column
    const std::vector<double>& column(const std::string& name) const;
};
LogTable read_log(const std::filesystem::path& run);

}  // namespace musegan
