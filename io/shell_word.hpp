// Paths in lines that somebody pastes into a shell.
#pragma once

#include <string>
#include <string_view>

namespace io {

/// A path as a word of a POSIX shell's command line that names the same file: as it is where nothing in it means
/// anything to a shell, else in single quotes, 'my data'. A leading dash, which would make it an option, gets ./ in
/// front; line ends and other control characters, which a terminal would obey, are spelled by printf.
std::string shell_quoted(std::string_view path);

}  // namespace io
