// Paths in what is printed: in a line to be pasted, and in a sentence.
#pragma once

#include <string>
#include <string_view>

namespace tools {

/// A path as a word of a POSIX shell's command line that names the same file: as it is where nothing in it means
/// anything to a shell, else in single quotes, 'my data'. A leading dash, which would make it an option, gets ./ in
/// front; line ends and other control characters, which a terminal would obey, are spelled by printf.
std::string shell_quoted(std::string_view path);

/// A path, or any text from outside, in a sentence: as io::printable_utf8 shows it.
std::string shown_text(std::string_view text);

}  // namespace tools
