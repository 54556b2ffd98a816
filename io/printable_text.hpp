// Text from outside, made safe to print.
#pragma once

#include <string>
#include <string_view>

namespace io {

/// UTF-8 from outside, safe for a terminal: a question mark for each byte that is no UTF-8 and for each character that
/// a terminal would obey (control characters, those that turn the direction of writing, line separators).
std::string printable_utf8(std::string_view text);

}  // namespace io
