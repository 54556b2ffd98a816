// Ctrl-C, `kill` and a lost terminal: a first signal asks for a clean end, a second ends the program.
#pragma once

#include <string>
#include <string_view>

#include "tensor/error.hpp"

namespace tools {

/// Watches SIGINT, SIGTERM and SIGHUP (unless it is ignored, as under nohup). The handler of the first of them writes
/// "musegan: interrupted; NOTICE" to standard error at once, however long the work takes to look at interrupted(). A
/// second one, a second or more later, ends the program as if nobody watched. The notice of the last call counts.
void watch_interrupt(std::string_view notice);
/// True once one of them came.
bool interrupted();
/// Of the signal that came, 128 + its number, as shells have it: 130 for Ctrl-C, 143 for SIGTERM.
int interrupted_exit_code();

/// Work that ended because it was interrupted: main exits with interrupted_exit_code().
class Interrupted : public tensor::Error {
  public:
    using tensor::Error::Error;
};
/// Throws Interrupted("[where] interrupted; fact").
[[noreturn]] void end_interrupted(std::string_view where, const std::string& fact);

}  // namespace tools
