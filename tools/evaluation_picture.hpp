// The histograms of an evaluation as a picture.
#pragma once

#include "musegan/evaluation/evaluation.hpp"
#include "musegan/figures/picture.hpp"

namespace tools {

/// Note length, pitch and notes per bar of the data as areas, of held-out songs and the other sets as lines. Throws
/// Error for an evaluation without a set.
musegan::Picture histograms_of(const musegan::Evaluation& evaluation);

}  // namespace tools
