#include "tools/shell_text.hpp"

#include "io/printable_text.hpp"

namespace tools {

std::string shown_text(std::string_view text) { return io::printable_utf8(text); }

}  // namespace tools
