// What a run says of its model's phrases every now and then: the papers' metrics, beside the data's.
#pragma once

#include <cstdint>
#include <string>

#include "musegan/training/metric_log.hpp"
#include "musegan/training/training.hpp"

namespace musegan {

/// Phrases that are measured at a time: 128, or 8 batches where those are fewer, so that a run of cheap steps spends no
/// more of its time on them than one of dear steps. Of the data at most 5,000, spread evenly.
std::int64_t evaluated_phrases(std::int64_t batch);
inline constexpr std::int64_t evaluated_data = 5000;

class RunMetrics {
  public:
    /// Measures the data (`phrases`, on the model's grid) and begins, or goes on with, the log. Throws as MetricLog.
    RunMetrics(const RunFolder& run, const Training& training, const PhraseSequence& phrases, bool resume);

    /// Phrases of the model as it is: from the same random vectors and chances each time, those of a track-conditional
    /// model to that track of the same phrases of the data. Not more than a batch at a time, so that a run needs no
    /// more memory; nothing of the training changes.
    PackedPhrases draw(const Training& training) const;
    /// Measures draw() and adds the row of this step.
    void evaluate(const Training& training, io::EventWriter& events);
    MetricLog& log() { return log_; }

  private:
    PackedPhrases given_;  ///< phrases of the data, for a track-conditional model
    MetricLog log_;
};

}  // namespace musegan
