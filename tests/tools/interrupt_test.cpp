// Ctrl-C and `kill` while the command works: answered at once, ended soon, and nothing lost.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "tests/tools/shell.hpp"

using support::Outcome;
using support::quoted;
using support::read_text;
using support::TemporaryFolder;
using tools_tests::shell;

namespace {

namespace fs = std::filesystem;

/// A small run whose steps have a hundred critic updates each.
struct LongSteps {
    TemporaryFolder folder;
    fs::path data = tools_tests::small_dataset(folder);

    std::string train(const fs::path& run) const {
        return "\"$musegan\" train --data " + quoted(data) + " --run " + quoted(run) +
               " --preset paper --steps-per-beat 4 --width 0.0625 --batch 2 --critic-steps 100 --sample-every 0 "
               "--threads 1 --device cpu ";
    }
    /// Sends the signal while the run is inside its second step or later.
    Outcome interrupt(const fs::path& run, const char* signal) const {
        return shell(train(run) + "--steps 100000 2>&1 </dev/null & pid=$!; until grep -qs '^1,' " +
                     quoted(run / "log.csv") + "; do sleep 0.05; done; kill -" + signal + " $pid; wait $pid");
    }
};

}  // namespace

TEST_CASE("an interrupted training says so, saves inside the step, and ends with 128 and the signal") {
    const LongSteps work;
    for (const auto& each : {std::pair{"INT", 130}, {"TERM", 143}}) {
        const char* const signal = each.first;
        const int code = each.second;
        CAPTURE(signal);
        const fs::path run = work.folder / signal;
        const Outcome first = work.interrupt(run, signal);
        CAPTURE(first.output);
        CHECK(first.exit_code == code);
        CHECK(first.says("musegan: interrupted; saving after this update"));
        CHECK(first.says("the same command with --resume goes on from here"));
        CHECK(first.says("look: " + (run / "report.html").string()));
        CHECK(fs::exists(run / "report.html"));
        const std::size_t place = first.output.find("stopped after step ");
        REQUIRE(place != std::string::npos);
        const int steps = std::atoi(first.output.c_str() + place + std::string("stopped after step ").size());
        REQUIRE(steps >= 1);
        const std::string end = fmt::format("--steps {} 2>&1 </dev/null", steps + 1);
        CHECK(shell(work.train(run) + "--resume " + end).exit_code == 0);
        const fs::path whole = work.folder / "whole";
        fs::remove_all(whole);
        CHECK(shell(work.train(whole) + end).exit_code == 0);
        for (const char* file : {"state.safetensors", "model.safetensors"})
            CHECK_MESSAGE(read_text(run / file) == read_text(whole / file), file);
    }
}

TEST_CASE("what follows an interrupted command with && does not run") {
    const LongSteps work;
    const fs::path run = work.folder / "run";
    const Outcome outcome = shell("( " + work.train(run) +
                                  "--steps 100000 && echo went on ) 2>&1 </dev/null & pid=$!; until grep -qs '^1,' " +
                                  quoted(run / "log.csv") + "; do sleep 0.05; done; pkill -INT -P $pid; wait $pid");
    CHECK(outcome.exit_code == 130);
    CHECK_FALSE(outcome.says("went on"));
}
