// How near generated points are to real ones.
#pragma once

#include <vector>

#include "musegan/toy/plane_data.hpp"

namespace musegan {

/// A sliced Wasserstein distance of two sets of equally many points: along each of `directions` directions, the angles
/// k pi / directions, the first Wasserstein distance of the projections, exactly (the mean difference of the sorted
/// projections); and of these the mean. In units of the plane. NaN where a point is not finite. Throws Error for sets
/// of other sizes or none.
double sliced_distance(const std::vector<PlanePoint>& a, const std::vector<PlanePoint>& b, int directions = 32);

/// The share of the points that stand within 4 deviations of a centre (plane_data.hpp). Of the data it is 0.9997.
double share_near(PlaneData data, const std::vector<PlanePoint>& points);

/// How many modes are reached: a tenth of its fair share of the points, but at least one, stands within 4 deviations.
/// 0 where the data has no modes.
int modes_reached(PlaneData data, const std::vector<PlanePoint>& points);

}  // namespace musegan
