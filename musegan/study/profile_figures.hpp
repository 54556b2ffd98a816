// Pictures of a profile.
#pragma once

#include "musegan/figures/picture.hpp"
#include "musegan/study/profile.hpp"

namespace musegan {

/// How near the work comes to what the device can do (figures/roofline.hpp). A dot is an operator in a layer, over all
/// phases of both updates.
Picture roofline_figure(const Profile& profile);

/// Where the time of a round goes (figures/flame.hpp): update, phase, layer, operator, kernel from the top down, in the
/// order in which they run, coloured by phase.
Picture flame_figure(const Profile& profile);

}  // namespace musegan
