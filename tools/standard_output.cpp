#include "tools/standard_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

#include "tools/commands.hpp"

namespace tools {

namespace {

bool was_closed = false;      // when the program began
bool was_called_for = false;  // whether print_text() was called
int first_error = 0;          // the number of the first error

void note(bool failed) {
    if (failed && first_error == 0) first_error = errno != 0 ? errno : EIO;
}

void write(std::string_view text) {
    errno = 0;
    note(std::fwrite(text.data(), 1, text.size(), stdout) != text.size());
}

void flush() {
    errno = 0;
    note(std::fflush(stdout) != 0);
}

}  // namespace

void examine_standard_output() { was_closed = ::fcntl(STDOUT_FILENO, F_GETFD) < 0; }

void print_text(std::string_view text) {
    was_called_for = true;
    write(text);
}

void accompany_text(std::string_view text) {
    write(text);
    flush();
}

int end_standard_output(int exit_code) {
    flush();
    if (was_closed && was_called_for) return report_failure("[standard output] is closed, expected it to be open", 1);
    // Something that wrote past this file leaves its mark, but not the reason.
    if (first_error == 0 && std::ferror(stdout) != 0) first_error = EIO;
    if (first_error == 0) return exit_code;
    if (first_error == EPIPE) return was_called_for && exit_code == 0 ? 128 + SIGPIPE : exit_code;
    const std::string reason = std::generic_category().message(first_error);
    return report_failure(fmt::format("[standard output] cannot be written: {}{}", reason,
                                      was_called_for ? "" : " (the files are written)"),
                          1);
}

}  // namespace tools
