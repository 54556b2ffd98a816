// The `musegan` of this build, called from a shell.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/command.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tools_tests {

/// Runs a line of shell in which $musegan is the command.
inline support::Outcome shell(const std::string& line) {
    return support::shell(std::string("musegan='") + MUSEGAN_BINARY + "'; " + line);
}

inline support::Outcome musegan(const std::string& arguments) {
    return shell("\"$musegan\" " + arguments + " 2>&1 </dev/null");
}

/// A dataset of two songs by rule, made in `folder` by the command.
inline std::filesystem::path small_dataset(const support::TemporaryFolder& folder) {
    const std::filesystem::path songs = folder / "songs", data = folder / "data.safetensors";
    REQUIRE(musegan("synth --songs 2 --out " + support::quoted(songs)).exit_code == 0);
    REQUIRE(musegan("prepare " + support::quoted(songs) + " --out " + support::quoted(data)).exit_code == 0);
    return data;
}

/// The command is refused with exit code 1 and one line that contains every part.
inline void check_refused(const std::string& arguments, const std::vector<std::string>& parts) {
    CAPTURE(arguments);
    support::check_failed(musegan(arguments), 1, parts);
}

/// The same with exit code 2: what was asked for makes no sense.
inline void check_usage_error(const std::string& arguments, const std::vector<std::string>& parts) {
    CAPTURE(arguments);
    support::check_failed(musegan(arguments), 2, parts);
}

}  // namespace tools_tests
