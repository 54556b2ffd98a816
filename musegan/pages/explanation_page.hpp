// An explanation as a page: the update's numbers, its operators as a graph and step by step, what the gradient looks
// like over the piano-roll, who pulls at which weights, and questions with their answers.
#pragma once

#include <string>

#include "musegan/study/explanation.hpp"

namespace musegan {

/// The whole HTML file. Throws Error("[formula] ...") for a formula that formula.hpp does not know.
std::string explanation_page(const Explanation& explanation);

}  // namespace musegan
