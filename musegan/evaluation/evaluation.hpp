// Sets of phrases beside each other and beside the data: what `musegan evaluate` finds out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "musegan/evaluation/copying.hpp"
#include "musegan/evaluation/metric_list.hpp"

namespace musegan {

/// A set of phrases that was measured.
struct EvaluatedSet {
    std::string name;   ///< in tables: "data", "run"
    std::string about;  ///< what it is: "2,000 of the 22,163 phrases of data.safetensors, spread evenly"
    /// Phrases that there are: metrics.phrases where all were measured, more for a sample, 0 for a model, which has no
    /// end of them.
    std::int64_t available = 0;
    Metrics metrics{};
    std::optional<Copying> copying{};  ///< of all sets of an evaluation with the same almost_same
    /// The track that a track-conditional model is given, which is not its work.
    std::optional<int> given{};

    /// One of its metrics; of a track that was given no value.
    Mean mean(const Metric& metric) const {
        return metric.track && metric.track == given ? Mean{} : metric.mean(metrics);
    }
    bool is_sample() const { return metrics.phrases != available; }
    /// The standard error of one of its means as that of all phrases that there are: Mean::error times
    /// sqrt(1 - n / N) for n of N phrases. 0 where all were measured; nan for fewer than two phrases with a value.
    double error(const Mean& mean) const;
};

struct Evaluation {
    PhraseShape shape{};                     ///< of all phrases, on one grid
    MetricOptions options{};                 ///< how they were measured
    std::optional<EvaluatedSet> data{};      ///< what the others are compared with
    std::optional<EvaluatedSet> shuffled{};  ///< the data, bars shuffled (shuffled_bars)
    std::optional<EvaluatedSet> held_out{};  ///< other songs of the same kind: how far from the data is near
    std::vector<EvaluatedSet> sets{};

    /// Whether a set is of a track-conditional model.
    bool has_given() const;
};

}  // namespace musegan
