// Updates of the critics and of the generators to be timed one by one: a training run on random phrases.
#pragma once

#include <cstdint>

#include "musegan/training/training.hpp"

namespace bench {

/// A run with fresh weights on four batches of random packed phrases with 3 cells in 100 on. Its update_critic() and
/// update_generator() return when all work has been issued; wait for the device before reading a clock.
musegan::Training random_training(const musegan::TrainingSettings& settings);

/// FLOPs in which a critic update is counted: 10 forward passes of each critic (bench/README.md), 6 without a penalty.
double critic_update_flops(const musegan::Training& training);

/// The largest resident set of this process so far, bytes: VmHWM of /proc/self/status; 0 where there is none.
std::int64_t peak_resident_bytes();

}  // namespace bench
