// The metrics of a model's phrases along training, beside the data's: metrics.csv and TensorBoard.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "io/csv.hpp"
#include "io/tfevents.hpp"
#include "musegan/evaluation/metrics.hpp"
#include "musegan/training/run_folder.hpp"

namespace musegan {

/// The file has the columns step, source and a column per key of metric_list(): the data's row (step 0, source "data"),
/// then a row per evaluation (source "model"), steps rising. In full precision; a field is empty where there is nothing
/// to measure. In TensorBoard a metric is a scalar, EB/bass, in the events of the run, and the data's value the same
/// scalar in events of its own below data/, which TensorBoard draws into the same chart.
class MetricLog {
  public:
    /// Begins a log, or goes on with the rows of the first `steps` steps of an earlier one; what else is there (later
    /// rows, damaged ones) is removed. Throws Error where that cannot be written, and for a log with other columns.
    MetricLog(const RunFolder& run, const Metrics& data, bool resume, std::int64_t steps);

    /// The last step that has a row; -1 for none.
    std::int64_t last_step() const { return last_step_; }
    /// What had to be repaired, in words; "" for nothing.
    const std::string& repaired() const { return repaired_; }
    /// Adds a row, and the scalars to `events`, those of the run. Throws Error where the row cannot be written; it is
    /// kept, and the next one tries again.
    void add(const Metrics& model, std::int64_t step, io::EventWriter& events);
    /// Makes all of it last over a power cut. Throws Error where that fails.
    void sync();

  private:
    /// Writes what is kept of an earlier log, or an empty one.
    io::CsvWriter open(const RunFolder& run, bool resume, std::int64_t steps);

    Metrics data_;
    std::int64_t last_step_ = -1;
    std::string repaired_;
    io::CsvWriter csv_;
    io::EventWriter data_events_;
};

/// metrics.csv read back: of each key of metric_list() that it has the values along `steps`, which rise, and the
/// data's; nan for none.
struct MetricCurves {
    std::vector<double> steps{};
    std::map<std::string, std::vector<double>> model{};
    std::map<std::string, double> data{};
    std::int64_t damaged = 0;  ///< lines that are no rows, or of a step that was there before
    bool is_cut = false;       ///< its last line has no end
};
/// Every whole row, whatever its columns; damaged ones are left out and counted, and an unfinished last line, which a
/// killed run leaves, is none. Throws Error for a file that cannot be read or has no header of ours.
MetricCurves read_metric_log(const RunFolder& run);

}  // namespace musegan
