// Evaluations whose numbers were chosen, for tests of what is told of them.
#pragma once

#include <string>
#include <utility>

#include "musegan/evaluation/evaluation.hpp"

namespace evaluation_tests {

using namespace musegan;

/// A mean of `count` values: 10 where nothing else is said.
inline Mean mean_of(double value, std::int64_t count = 10) { return {value * static_cast<double>(count), count}; }

/// The mean of a metric, to be changed.
inline Mean& mean_in(Metrics& metrics, const std::string& key) {
    return const_cast<Mean&>(metric_named(key).mean(metrics));
}

/// Metrics in which the k-th of metric_list() is first + k * step, a mean of 10 values of two phrases whose own means
/// are 1 below and 1 above it, so that its standard error is 1.
inline Metrics counting(double first, double step) {
    Metrics metrics;
    metrics.phrases = 2;
    double value = first;
    for (const Metric& metric : metric_list()) {
        Mean of_all;
        for (const double side : {-1.0, 1.0}) of_all.add_group({(value + side) * 5, 5});
        mean_in(metrics, metric.key) = of_all;
        value += step;
    }
    return metrics;
}

/// A set of all the phrases that there are.
inline EvaluatedSet whole_set(std::string name, Metrics metrics) {
    EvaluatedSet set{std::move(name), "all of it", metrics.phrases, {}, {}, {}};
    set.metrics = std::move(metrics);
    return set;
}

/// Phrases made by a model, of which there is no end.
inline EvaluatedSet made_set(std::string name, Metrics metrics) {
    EvaluatedSet set = whole_set(std::move(name), std::move(metrics));
    set.available = 0;
    set.about = "made";
    return set;
}

/// A model's phrases beside the data: every metric of the data is k / 2 + 10, of held-out songs 2 more, of the model 3
/// more, of shuffled bars 4 less.
inline Evaluation example() {
    Evaluation evaluation;
    evaluation.data = whole_set("data", counting(10, 0.5));
    evaluation.shuffled = whole_set("data, shuffled", counting(6, 0.5));
    evaluation.held_out = whole_set("held-out", counting(12, 0.5));
    evaluation.sets = {made_set("run", counting(13, 0.5))};
    return evaluation;
}

}  // namespace evaluation_tests
