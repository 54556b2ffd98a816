// What an explanation says of its stages, in the same words on a terminal and on a page.
#pragma once

#include <string>

#include "musegan/study/explanation.hpp"

namespace musegan {

/// What the letters of formulas stand for.
std::string letters_words();
/// What happens in a stage, and why. What holds of piecewise-linear critics alone is said of them alone.
std::string stage_words(UpdateStage stage, bool is_piecewise_linear);

}  // namespace musegan
