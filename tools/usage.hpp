// What is said of a command line that makes no sense.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace tools {

/// The fault of a command line that did not parse as one line, "[--seed] '-1', expected 0 to 100"; for a word that is
/// no command or option with the nearest one that is.
std::string usage_fault(const CLI::App& app, const CLI::ParseError& error);

/// The fault of an option with nothing behind its sign, `--out=` (of an empty variable, say), for which a parser would
/// take the next word; "" for none.
std::string empty_value_fault(int argument_count, char** arguments);

/// Throws UsageError("[command] no --option, expected what") for a value that was not stated.
void require_stated(const std::string& value, std::string_view command, std::string_view option, std::string_view what);

}  // namespace tools
