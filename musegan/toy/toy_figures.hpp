// What runs have shown, in pictures.
#pragma once

#include <vector>

#include "musegan/toy/toy_run.hpp"

namespace musegan {

/// A row of panels per run, a column per stage: the critic over the plane, real and fake points.
Picture critic_figure(const std::vector<ToyRun>& runs);

/// Along training, a curve per run, one for runs of equal numbers: the estimate, the mean slope, and the distance of
/// fake to real points.
Picture toy_curves(const std::vector<ToyRun>& runs);

}  // namespace musegan
