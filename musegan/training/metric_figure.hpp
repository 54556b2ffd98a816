// The metrics along training as a picture.
#pragma once

#include "musegan/figures/picture.hpp"
#include "musegan/training/metric_log.hpp"

namespace musegan {

/// One chart below the other: EB, UPC, QN (where it says anything) and notes per bar of each track in its colour, and
/// TD of each pair of tracks; raw pale and median filtered strong, the data's value dashed (AAAI 2018, figure 8, shows
/// UPC and QN so).
Picture metric_figure(const MetricCurves& curves);

}  // namespace musegan
