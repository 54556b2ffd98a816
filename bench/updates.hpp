// Updates of the critics and of the generators to be timed one by one, and what an update of the critics needs at
// least.
#pragma once

#include <algorithm>
#include <cstdint>

#include "musegan/study/random_training.hpp"
#include "tensor/roofs.hpp"

namespace bench {

using musegan::random_training;

/// What a critic update needs, counted from the shapes of the critics alone (README.md, "Floors").
struct UpdateWork {
    double flops = 0;        ///< of the passes through the critics: 10 forward passes, 6 without a penalty
    double bytes = 0;        ///< each of these passes writes every convolution's output once and reads it once
    double fused_bytes = 0;  ///< the same without the first convolution's, which is computed again where it is read
};
UpdateWork critic_update_work(const musegan::Training& training);

/// The least milliseconds of a critic update: by its arithmetic, and by the bytes that move layer by layer or with the
/// first two layers as one.
struct UpdateFloors {
    double arithmetic = 0, memory = 0, fused_memory = 0;

    /// How many times the larger floor an update of that time takes.
    double over(double milliseconds) const { return milliseconds / std::max(arithmetic, memory); }
    double over_fused(double milliseconds) const { return milliseconds / std::max(arithmetic, fused_memory); }
};
UpdateFloors critic_update_floors(const musegan::Training& training, const tensor::Roofs& roofs);

/// The largest resident set of this process so far, bytes: VmHWM of /proc/self/status; 0 where there is none.
std::int64_t peak_resident_bytes();

}  // namespace bench
