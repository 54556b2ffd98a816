// Runs a `musegan` as a user does: a shell command, its exit code and what it printed.
#pragma once

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace support {

struct Outcome {
    int exit_code = -1;
    std::string output;  ///< of both streams, unless the command redirects one
    bool says(const std::string& text) const { return output.find(text) != std::string::npos; }
};

/// Runs a shell command.
inline Outcome shell(const std::string& line) {
    Outcome outcome;
    std::FILE* const pipe = ::popen(line.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer;
    for (std::size_t bytes; (bytes = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
        outcome.output.append(buffer.data(), bytes);
    const int status = ::pclose(pipe);
    outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

inline std::string quoted(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

/// Checks that the output ends with one line "musegan: [...] ..." and holds every part, and that the exit code is the
/// one expected.
inline void check_failed(const Outcome& outcome, int exit_code, const std::vector<std::string>& parts) {
    CAPTURE(outcome.output);
    CHECK(outcome.exit_code == exit_code);
    const std::size_t begin = outcome.output.find("musegan: [");
    REQUIRE(begin != std::string::npos);
    CHECK(outcome.output.find('\n', begin) == outcome.output.size() - 1);
    for (const std::string& part : parts) CHECK_MESSAGE(outcome.says(part), part);
}

}  // namespace support
