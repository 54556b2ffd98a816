// A profile as text: tables, and a tree of layers, phases and kernels.
#pragma once

#include <cstddef>
#include <string>

#include "musegan/study/profile.hpp"

namespace musegan {

/// The rows of a grouping with their rates and bounds, at most `most` of them; the rest is summed up in a last line.
/// Registers, shared memory and occupancy stand there where a GPU says them.
std::string profile_table(const Profile& profile, ProfileGrouping grouping, std::size_t most);

/// Layer > phase > kernel with time and share of each, parts under `least_share` of a round left out and counted.
std::string profile_tree(const Profile& profile, double least_share);

/// The machine, the clock, the settings that are not the defaults of the program, and the roofs: a few lines.
std::string profile_heading(const Profile& profile);

}  // namespace musegan
