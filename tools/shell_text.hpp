// Paths in what is printed: in a line to be pasted, and in a sentence.
#pragma once

#include <string>
#include <string_view>

#include "io/shell_word.hpp"

namespace tools {

using io::shell_quoted;

/// A path, or any text from outside, in a sentence: as io::printable_utf8 shows it.
std::string shown_text(std::string_view text);

}  // namespace tools
