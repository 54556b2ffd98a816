// A profile as folded stacks, the input of flamegraph.pl, inferno and speedscope:
//
//     critic update;critic forward, real;critic.conv1;conv3d;tiled_conv3d 183250
#pragma once

#include <string>
#include <vector>

#include "musegan/study/profile.hpp"

namespace musegan {

/// The rows in the order in which their work began in the timeline, by words where they are not in it. It stays the
/// same from one profile to the next, where an order by time would not.
std::vector<const ProfileRow*> rows_as_run(const Profile& profile);

/// The parts in which a row's work lies, from the outermost on: update, phase, layer, operator, and the kernel where it
/// is called otherwise. What has no name is left out.
std::vector<std::string> parts_of(const ProfileWords& words);

/// One line per row in the order of rows_as_run: its parts joined by semicolons, a space, and its time in a round in
/// whole nanoseconds. Rows that round to 0 are left out. In names, a semicolon becomes a comma and a control character,
/// such as a line break, a space.
std::string profile_stacks(const Profile& profile);

}  // namespace musegan
