// The pictures of a run: its losses, its metrics, and how phrases changed along training.
#pragma once

#include "musegan/training/run_folder.hpp"

namespace musegan {

/// Draws losses.png from log.csv, metrics.png from metrics.csv and evolution.png from samples/, as far as these are
/// there. Throws Error for files that are damaged and for a full disk.
void draw_run_figures(const RunFolder& run);

}  // namespace musegan
