// Updates of the critics and of the generators to be timed one by one.
#pragma once

#include <cstdint>

#include "musegan/study/random_training.hpp"

namespace bench {

using musegan::critic_update_flops;
using musegan::random_training;

/// The largest resident set of this process so far, bytes: VmHWM of /proc/self/status; 0 where there is none.
std::int64_t peak_resident_bytes();

}  // namespace bench
