// Whether a run fits into a device's memory, known before it starts; and if it does not, what would.
#pragma once

#include <cstdint>
#include <optional>

#include "musegan/training/training.hpp"

namespace musegan {

/// The settings of a run whose step fits: those given or, where only that fits, with Execution::side_by_side off, which
/// takes less memory and more time for the same numbers. Those given where neither fits.
TrainingSettings fitted(const TrainingSettings& settings, std::int64_t phrase_count, std::int64_t available_bytes);

/// The largest batch, from 2 to settings.batch, whose predicted peak is at most `available_bytes` with nothing side by
/// side; nothing if there is none.
std::optional<std::int64_t> largest_batch(TrainingSettings settings, std::int64_t phrase_count,
                                          std::int64_t available_bytes);

/// What a step of a run costs. Throws Error where its peak is more than `available_bytes`, naming the largest batch
/// that fits at this width or, if none does, the largest narrower width (1, 1/2, ... 1/16) with the largest batch
/// there.
Rehearsal require_memory(const TrainingSettings& settings, std::int64_t phrase_count, std::int64_t available_bytes);

}  // namespace musegan
