// An explanation's graph for Graphviz: `dot -Tsvg graph.dot > graph.svg`.
#pragma once

#include <string>

#include "musegan/study/explanation.hpp"

namespace musegan {

/// A node per step, in three colours and shapes by stage, and a plain one per parameter and phrase; an edge per
/// operand, dashed where it decides signs only. The rows of the explanation are ranks: penalty on top, score at the
/// bottom.
std::string explanation_dot(const Explanation& explanation);

}  // namespace musegan
