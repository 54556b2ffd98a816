// An explanation for a terminal, to be read from top to bottom.
#pragma once

#include <string>

#include "musegan/study/explanation.hpp"

namespace musegan {

/// Columns that no line exceeds, words without a blank aside.
inline constexpr std::size_t explanation_columns = 100;

/// The walk: the point, the forward pass, the gradient by the phrase, the second backward, what each term of the loss
/// does to the weights, the questions, the ways if there are any, and how the numbers were found again.
std::string explanation_text(const Explanation& explanation);

/// The same text on one line: line ends and other control characters become blanks, so that no name moves the cursor.
std::string one_line(std::string text);

/// `text` in lines of at most explanation_columns, each behind so many blanks.
std::string wrapped(const std::string& text, std::size_t indent = 0);

}  // namespace musegan
