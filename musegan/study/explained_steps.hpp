// The steps of an explanation: each operator of an observed update with its formula, its operands by name, what carried
// it out, and the lines that called it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "musegan/study/explanation_run.hpp"
#include "musegan/study/update_symbols.hpp"
#include "musegan/study/update_walk.hpp"

namespace musegan {

struct ObservedUpdate {
    const UpdateWalk& walk;
    const UpdateSymbols& symbols;
    const ExplainedCritic& what;
    const CriticBatch& batch;
    std::span<const Tensor> gradients;  ///< of the whole loss, one per parameter
};

/// One per event of the walk, without checks. Adds the lines of code that they name to `code`, each once.
std::vector<ExplainedStep> explained_steps(const ObservedUpdate& update, std::vector<ExplainedCode>& code);

/// "1 x 64 x 84 x 5 x 1"; "1 number" for a scalar.
std::string shape_text(const tensor::Shape& shape);

}  // namespace musegan
