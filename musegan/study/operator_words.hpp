// What explanations say of each operator: its formula, what it means where it stands, and the lines that say so.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "musegan/study/explanation.hpp"

namespace musegan {

struct OperatorWords {
    std::string_view operation;
    std::string_view pattern;  ///< in the notation of formulas (formula.hpp); {0}, {1} are the operands
    std::string_view meaning;  ///< what it computes, wherever it stands
};
/// Throws Error for an operator that has no words: whoever adds one writes a line in operator_words.cpp.
const OperatorWords& words_of(std::string_view operation);
std::span<const OperatorWords> all_operator_words();

/// The sentence for an operator in its place: who called it, and what for.
std::string meaning_of(UpdateStage stage, std::string_view operation, std::string_view rule, bool is_weight_gradient,
                       bool has_activation, bool has_mask);

/// Lines of our own source: those of the rule that called an operator or, without a rule, of the operator itself. Read
/// from what was built into the program, so that they are the lines that ran. Throws Error for what has no place.
/// `is_behind_slopes`: of the gradient's stage, whether the slopes are there already: then it is the penalty's.
ExplainedCode code_of(UpdateStage stage, std::string_view operation, std::string_view rule,
                      bool is_behind_slopes = false);
/// The text from the line that begins with `anchor` to the end of that function. Throws Error where there is no such
/// line.
ExplainedCode function_at(std::string_view file, std::string_view anchor);

}  // namespace musegan
