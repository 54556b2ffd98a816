// Standard output, on which a write may fail: the disk is full, nobody reads the pipe, or it is closed.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace tools {

/// Notes whether standard output was closed when the program began; to be called before guard_process() opens it.
void examine_standard_output();

/// Writes text that a command is called for: a table, a description, a help. It reaches the output when the program
/// ends, or when say() is called.
void print_text(std::string_view text);
/// The same of a formatted text.
template <typename... Values>
void print_out(fmt::format_string<Values...> format, Values&&... values) {
    print_text(fmt::format(format, std::forward<Values>(values)...));
}
/// Writes at once what only accompanies the work: progress and what became of it.
void accompany_text(std::string_view text);

/// Ends standard output; returns the exit code of the program, which is `exit_code` where all that was written arrived.
///
/// What was written and did not arrive makes it 1, and one line on standard error says why. Two outputs are no error
/// worth a line. A pipe that its reader has closed, as `| head` does, ends a command that was called for its output
/// with 141, as SIGPIPE would, and is nothing to one whose files are written. An output that was closed from the
/// beginning is wanted so by whoever closed it, unless the command was called for its output.
int end_standard_output(int exit_code);

}  // namespace tools
