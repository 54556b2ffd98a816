// The steps of an explanation as words of a page: what there is to read without a script, and what the script shows
// beside the graph.
#pragma once

#include "musegan/pages/markup.hpp"
#include "musegan/study/explanation.hpp"

namespace musegan {

/// The steps by stage, each with id "step-1" and so on, and below them the lines of code, "code-1" and so on.
Markup steps_markup(const Explanation& explanation);

}  // namespace musegan
