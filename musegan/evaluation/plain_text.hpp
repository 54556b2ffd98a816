// Text in columns of characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace musegan {

/// Characters of a text in UTF-8.
std::size_t characters(std::string_view text);

/// A text as it is, or, where it has more than `most` characters (4 or more), "..." and the end of it.
std::string shortened(const std::string& text, std::size_t most);

/// `front`, then the words of `text`, in lines of at most `columns` characters; all lines but the first begin with
/// blanks where `front` has its characters. A word that no line has room for stands in a longer one. Ends with a line
/// feed, without blanks before it.
std::string hanging_text(const std::string& front, std::string_view text, std::size_t columns);

}  // namespace musegan
