// What a reader of an explanation should be able to answer, with this critic's own numbers.
#pragma once

#include <vector>

#include "musegan/study/explanation_run.hpp"
#include "musegan/study/update_symbols.hpp"
#include "musegan/study/update_walk.hpp"

namespace musegan {

/// What lessons are about: an observed update, and what is known of it so far.
struct LessonContext {
    const ExplainedCritic& what;
    const CriticBatch& batch;
    const Objective& objective;
    const UpdateWalk& walk;
    const UpdateSymbols& symbols;
    const Explanation& explanation;  ///< its steps and parameters are there
    const ExplainOptions& options;
};

/// Each of them computes what it says. Seven: biases, masks, A's rules, alpha, epsilon, batch norm, fusion.
std::vector<Lesson> penalty_lessons(const LessonContext& context);

// In explanation_lessons.cpp: of the formula.
Lesson lesson_of_biases(const LessonContext& context);
Lesson lesson_of_masks(const LessonContext& context);
Lesson lesson_of_input_gradients(const LessonContext& context);
// In explanation_choices.cpp: of what WGAN-GP and this program chose.
Lesson lesson_of_alpha(const LessonContext& context);
Lesson lesson_of_epsilon(const LessonContext& context);
Lesson lesson_of_batch_norm(const LessonContext& context);
Lesson lesson_of_fusion(const LessonContext& context);

}  // namespace musegan
