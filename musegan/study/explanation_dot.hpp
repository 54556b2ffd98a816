// An explanation's graph for Graphviz: `dot -Tsvg graph.dot > graph.svg`.
#pragma once

#include <string>

#include "musegan/study/explanation.hpp"

namespace musegan {

/// A node per step, in three colours and shapes by stage, and a plain one per parameter and phrase; an edge per
/// operand, dashed where it decides signs only.
///
/// Every node has its place, as on the page: the rows of the explanation from the penalty at the top to the score at
/// the bottom, and in columns, from left to right, what is read, the forward pass (downwards), the gradient (upwards),
/// the second backward (downwards), the weights' gradients and what they are added to. Graphviz is told to keep these
/// places (layout=neato); its own ranks would draw a chain of that length as a diagonal.
std::string explanation_dot(const Explanation& explanation);

}  // namespace musegan
