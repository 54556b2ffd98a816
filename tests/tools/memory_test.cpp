// Commands with little address space: each ends with exit code 0, or with 1 and one clear line, never by a signal.
#include <doctest/doctest.h>

#include "tests/support/skip.hpp"
#include "tests/tools/shell.hpp"

using support::Outcome;
using support::quoted;
using tools_tests::musegan;
using tools_tests::shell;

namespace {

/// The command within so many megabytes of address space; only what it prints as errors.
Outcome within(int megabytes, const std::string& arguments) {
    return shell("ulimit -v " + std::to_string(megabytes * 1000) + "; \"$musegan\" " + arguments +
                 " 2>&1 >/dev/null </dev/null");
}

/// The least number of megabytes with which the command starts: below, the system's loader finds no room for libraries.
int least_to_start() {
    int megabytes = 20;
    while (within(megabytes, "--version").exit_code != 0 && megabytes < 2000) megabytes += 10;
    return megabytes;
}

struct Workplace {
    support::TemporaryFolder folder;
    std::string in(const std::string& name) const { return quoted(folder / name); }

    Workplace() {
        tools_tests::small_dataset(folder);
        REQUIRE(
            musegan("train --device cpu --preset compact --width 0.25 --batch 4 --steps 1 --sample-every 0 --data " +
                    in("data.safetensors") + " --run " + in("run"))
                .exit_code == 0);
    }
};

}  // namespace

TEST_CASE("with any amount of address space a command works, or says in one line what it lacks") {
#if defined(__SANITIZE_ADDRESS__)
    SKIP_TEST("the address sanitizer needs address space without limit");
#endif
    const Workplace work;
    const std::string data = " --data " + work.in("data.safetensors");
    const int least = least_to_start();
    for (const std::string& command : std::vector<std::string>{
             "train --device cpu --preset compact --batch 64 --steps 1 --sample-every 0" + data + " --run ",
             "train --device cpu --preset paper --batch 2 --width 0.25 --steps 1 --sample-every 0" + data + " --run ",
             "generate --device cpu --phrases 8 --run " + work.in("run") + " --out ",
             "explain --device cpu --preset compact --html ", "prepare " + work.in("songs") + " --out "}) {
        CAPTURE(command);
        bool worked = false;
        for (int more = 0, k = 0; !worked && more < 4000; more += 7 + more / 4, ++k) {
            CAPTURE(more);
            const Outcome outcome = within(least + more, command + work.in("out" + std::to_string(k)));
            CAPTURE(outcome.output);
            worked = outcome.exit_code == 0;
            if (worked) continue;
            support::check_failed(outcome, 1, {});
            CHECK_FALSE(outcome.says("bad_alloc"));
        }
        CHECK(worked);
        std::filesystem::remove_all(work.folder / "out0");
    }
}

TEST_CASE("a run that does not fit into its address space is refused before it starts, with what would fit") {
#if defined(__SANITIZE_ADDRESS__)
    SKIP_TEST("the address sanitizer needs address space without limit");
#endif
    const Workplace work;
    const Outcome refused = within(1500, "train --device cpu --preset paper --batch 64 --steps 1 --data " +
                                             work.in("data.safetensors") + " --run " + work.in("paper"));
    support::check_failed(refused, 1, {"[train] the tensors need", "cpu has", "--batch", "(ulimit -v)"});
    CHECK((!std::filesystem::exists(work.folder / "paper") || std::filesystem::is_empty(work.folder / "paper")));
}
