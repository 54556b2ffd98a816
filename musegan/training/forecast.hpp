// What a run will cost, foreseen from its first steps: how long it takes, when it is done, and what would shorten it.
// The functions are given times and print nothing.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "musegan/training/training.hpp"

namespace musegan {

/// Arithmetic of generator update number `step` (counted from 0) and of the critic updates before it.
double step_flops(const TrainingSettings& settings, const Rehearsal& rehearsal, std::int64_t step);

struct RunCost {
    std::int64_t steps = 0;   ///< of this part of the run: all, or those after a resume
    double seconds = 0;       ///< for all of them
    double seconds_left = 0;  ///< for those that are not done
    double seconds_per_step() const { return seconds / static_cast<double>(steps); }
};

/// Takes the times of the first steps until they are enough: ten, or fewer that took ten seconds together. The very
/// first is left out: it also fills caches and memory. A step is expected to take as long as its arithmetic asks for,
/// at the median pace of the steps that were timed: with a schedule, steps differ.
class Forecast {
  public:
    /// Of the steps after `first`, up to step `last`.
    Forecast(const TrainingSettings& settings, const Rehearsal& rehearsal, std::int64_t first, std::int64_t last);
    /// Takes the time of the next step. The cost, once: when the times are enough and steps are left.
    std::optional<RunCost> step(double seconds);

  private:
    RunCost cost() const;

    TrainingSettings settings_;
    Rehearsal rehearsal_;
    std::int64_t first_, last_, done_;
    std::vector<double> paces_;  ///< seconds per FLOP
    double timed_seconds_ = 0;
    bool is_told_ = false;
};

/// "14:05", or "14:05 on 2026-12-01" where that is not the day of `now`.
std::string moment_text(const std::tm& moment, const std::tm& now);
/// "about 0.07 s per step: 2,000 steps take 2 min 20 s, done at about 14:05".
std::string cost_text(const RunCost& cost, const std::string& moment);

/// Options with which a run like this one has less arithmetic.
struct Shortcut {
    std::string options;
    double factor = 1;  ///< arithmetic of a step of this run / of that one, at the same batch
    /// "a new run with --width 0.5 has about 3.4 times less arithmetic per step".
    std::string text() const;
};
/// The compact networks for a run of others on a CPU; else half the width. Nothing where that saves less than a third
/// or cannot be trained. A rehearsal finds the factor.
std::optional<Shortcut> shortcut(const TrainingSettings& settings, const Rehearsal& rehearsal);

}  // namespace musegan
