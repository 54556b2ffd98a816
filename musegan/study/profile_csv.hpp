// The rows of a profile for a spreadsheet.
#pragma once

#include <string>

#include "musegan/study/profile.hpp"

namespace musegan {

/// A header and one line per row of the grouping, in its order:
///
///     update, phase, layer, operation, kernel   its words
///     calls, ms, share                          of a round: calls, time, and its part of the time of all rows
///     mean_ms, least_ms, most_ms                of a call
///     GFLOP, MB                                 of a round, 10^9 FLOP and 10^6 bytes
///     GFLOP/s, GB/s, FLOP/byte                  achieved
///     share_of_bound, bound                     Profile::share_of_bound; arithmetic, memory or launch
///     registers, shared_bytes, occupancy        of a GPU's kernel
///
/// A cell is empty where its value is not known or has no meaning: words that the grouping joins, rates of what took no
/// time, bounds without measured roofs. Numbers read back to the same doubles.
std::string profile_csv(const Profile& profile, ProfileGrouping grouping = ProfileGrouping::all);

}  // namespace musegan
