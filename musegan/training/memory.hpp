// Whether a run fits into a device's memory, known before it starts; and if not, what would.
#pragma once

#include <cstdint>
#include <optional>

#include "musegan/training/training.hpp"

namespace musegan {

/// The largest batch of 2 to settings.batch whose predicted peak is at most `room` bytes, if any is.
std::optional<std::int64_t> largest_batch(TrainingSettings settings, std::int64_t phrase_count, std::int64_t room);

/// The predicted peak of a run. Throws Error where it is more than `room` bytes, naming the largest batch that fits at
/// this width or, if none does, the largest narrower width (1, 1/2, ... 1/16) with the largest batch there.
std::int64_t require_room(const TrainingSettings& settings, std::int64_t phrase_count, std::int64_t room);

}  // namespace musegan
