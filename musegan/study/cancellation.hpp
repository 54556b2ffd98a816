// How many times larger the terms were, of which the numbers of a walk are sums.
#pragma once

#include <vector>

#include "musegan/study/update_walk.hpp"

namespace musegan {

/// A factor per event, 1 or more, by which rounding is larger beside the result than beside what it was made of. A sum
/// has the size of its terms over its own; a product has that of its operands; what comes of a number that is zero but
/// for rounding has a large one, until it is added to something that counts. Two ways to a number can agree no better
/// than eps times this.
std::vector<double> cancellations(const UpdateWalk& walk);

}  // namespace musegan
