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
    /// Starts a log, or goes on with an earlier one after the steps that the training has done: later rows are cut
    /// away, and a log with damaged or missing rows is repaired (repair_log). Each critic has its columns; without a
    /// penalty there are none of it and its slopes.
    RunLog(const RunFolder& run, const Training& training, bool resume);

    /// What had to be repaired, in words; "" for nothing.
    const std::string& repaired() const { return repaired_; }

    /// Throws Error where the row cannot be written; it is kept, and the next row or sync() tries again.
    void step(const StepReport& report, double steps_per_second);
    /// Writes the three sample files of phrases made after a step, and the picture as an event.
    void sample(PackedPhrases phrases, std::int64_t step);
    /// For further scalars of the run.
    io::EventWriter& events() { return events_; }
    /// Makes all rows and events last over a power cut. Throws Error where that fails.
    void sync();

  private:
    RunFolder run_;
    bool with_penalty_;
    std::vector<std::string> columns_;
    std::string repaired_;
    io::CsvWriter csv_;
    io::EventWriter events_;
};

}  // namespace musegan
