// The numbers of a walk, found again by ways that share no kernel with it.
//
// Reference operators: the same update on the reference device (tensor/reference/), step for step; each result is
// compared with the walk's. Rules of autograd and scalar formulas (tensor/functors.hpp) are the same in both.
//
// Complex step: let c be the gradient of D (or of P) by a value y, as the walk has it, and v a random direction. On the
// reference device y is replaced by y + i h v where it is computed; then Im D / h is <c, v>: for D without any rule
// of autograd. P holds the gradient by the phrase, so there the rules of the first sweep run on the reference device,
// and those of the second, which is checked, do not; <g, v>, asked first, proves the first. For a layer whose bias and
// LeakyReLU are one operator, y stands inside it, and its result moves by m v.
#pragma once

#include <vector>

#include "musegan/study/explanation_run.hpp"
#include "musegan/study/update_symbols.hpp"
#include "musegan/study/update_walk.hpp"

namespace musegan {

struct WalkChecks {
    std::vector<std::vector<ExplainedCheck>> of_event;  ///< beside the walk's events
    std::string text;                                   ///< Explanation::checks_text
};

/// Throws Error where the update on the reference device runs other operators than the walk.
WalkChecks check_walk(const UpdateWalk& walk, const UpdateSymbols& symbols, const ExplainedCritic& what,
                      const CriticBatch& batch, const Objective& objective, const ExplainOptions& options);

}  // namespace musegan
