// A standard output that is full, closed, or a pipe that nobody reads.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/tools/shell.hpp"

using support::Outcome;
using support::quoted;
using tools_tests::shell;

namespace {

constexpr const char* full = "musegan: [standard output] cannot be written: No space left on device";
constexpr const char* closed = "musegan: [standard output] is closed, expected it to be open\n";

/// What is said on standard error, with standard output as `where` says.
Outcome with_output(const std::string& arguments, const std::string& where) {
    return shell("\"$musegan\" " + arguments + " 2>&1 </dev/null " + where);
}

}  // namespace

TEST_CASE("a command that is called for its output fails where that does not arrive") {
    support::TemporaryFolder folder;
    REQUIRE(tools_tests::musegan("synth --songs 1 --out " + quoted(folder / "songs")).exit_code == 0);
    for (const std::string& arguments :
         {"info " + quoted(folder / "songs/song_0001.mid"), std::string("doctor"), std::string("--help"), std::string(),
          std::string("--version"), std::string("generate --help"), std::string("train --print-config"),
          std::string("explain --steps-per-beat 4 --width 0.03125")}) {
        CAPTURE(arguments);
        const Outcome on_full = with_output(arguments, ">/dev/full"), on_closed = with_output(arguments, ">&-");
        CHECK(on_full.exit_code == 1);
        CHECK(on_full.output == std::string(full) + "\n");
        CHECK(on_closed.exit_code == 1);
        CHECK(on_closed.output == closed);
    }
}

TEST_CASE("work goes on without an output, and says at its end what did not arrive") {
    support::TemporaryFolder folder;
    const auto there = [&](const char* name) { return std::filesystem::exists(folder / name); };
    const Outcome on_full = with_output("synth --songs 1 --out " + quoted(folder / "full"), ">/dev/full");
    CHECK(on_full.exit_code == 1);
    CHECK(on_full.output == std::string(full) + " (the files are written)\n");
    CHECK(there("full/song_0001.mid"));
    const Outcome on_closed = with_output("synth --songs 1 --out " + quoted(folder / "closed"), ">&-");
    CHECK(on_closed.exit_code == 0);
    CHECK(on_closed.output.empty());
    CHECK(there("closed/song_0001.mid"));
}

TEST_CASE("a pipe that its reader closes is no fault") {
    support::TemporaryFolder folder;
    const std::string status =
        "; echo $? > " + quoted(folder / "status") + ") | true; cat " + quoted(folder / "status");
    // The reader is gone before anything is written.
    CHECK(shell("(sleep 0.3; \"$musegan\" --help 2>&1" + status).output == "141\n");
    CHECK(
        shell("(sleep 0.3; \"$musegan\" synth --songs 1 --out " + quoted(folder / "songs") + " 2>&1" + status).output ==
        "0\n");
    CHECK(std::filesystem::exists(folder / "songs/song_0001.mid"));
}
