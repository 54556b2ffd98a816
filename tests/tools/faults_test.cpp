// Disks that fail and processes that are killed, at every system call that writes: what the folder of a run holds
// afterwards is whole, and the run that goes on from there ends with the bits of one that nothing happened to.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/shell.hpp"

using support::Outcome;
using support::quoted;
using support::read_text;
using support::TemporaryFolder;
using tools_tests::shell;

namespace {

namespace fs = std::filesystem;

constexpr const char* settings =
    " --preset paper --steps-per-beat 4 --width 0.03125 --batch 2 --critic-steps 1 --steps 3 --checkpoint-every 2"
    " --sample-every 2 --threads 1 --device cpu";

/// The fields of a log at that place in its rows, the header left out.
std::vector<std::string> log_column(const fs::path& run, std::size_t column) {
    std::istringstream lines(read_text(run / "log.csv"));
    std::vector<std::string> fields;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream row(line);
        std::string field;
        for (std::size_t k = 0; k <= column; ++k) std::getline(row, field, ',');
        fields.push_back(field);
    }
    if (!fields.empty()) fields.erase(fields.begin());
    return fields;
}

/// A dataset, and a run on it that nothing happened to.
struct Workshop {
    TemporaryFolder folder;
    fs::path data = tools_tests::small_dataset(folder), whole = folder / "whole", run = folder / "run";

    Workshop() { REQUIRE(train(whole).exit_code == 0); }

    /// Trains with system calls that fail as `faults` says (faults/faults.cpp), or without.
    Outcome train(const fs::path& into, const std::string& more = "", const std::string& faults = "") const {
        const std::string load = "MUSEGAN_FAULTS='" + faults + "' MUSEGAN_FAULTS_BELOW=" + quoted(folder.path()) +
                                 " MUSEGAN_FAULTS_COUNT=" + quoted(folder / "count") +
                                 " ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=" MUSEGAN_FAULTS_LIBRARY " ";
        return shell((faults.empty() ? std::string() : load) + "\"$musegan\" train --data " + quoted(data) + settings +
                     " --run " + quoted(into) + more + " 2>&1 </dev/null");
    }
    void check_equals_whole() const {
        for (const char* file : {"state.safetensors", "model.safetensors"})
            CHECK_MESSAGE(read_text(run / file) == read_text(whole / file), file);
        CHECK(log_column(run, 0) == std::vector<std::string>{"1", "2", "3"});
    }
    /// Goes on, or begins anew where nothing was done: as a user would.
    void go_on(const std::string& first_output) const {
        CAPTURE(first_output);
        Outcome again = train(run);
        if (again.says("already holds a run")) again = train(run, " --resume");
        CHECK_MESSAGE(again.exit_code == 0, again.output);
        check_equals_whole();
        // A sample that cannot be written is a warning: it ends no run, and is not made up for.
        const fs::path sample = "samples/step_000002.mid";
        if (first_output.find("step_000002") == std::string::npos)
            CHECK(read_text(run / sample) == read_text(whole / sample));
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(run))
            CHECK_MESSAGE(!entry.path().filename().string().starts_with(".writing-"), entry.path());
    }
    std::int64_t calls() const { return std::atoll(read_text(folder / "count").c_str()); }
};

/// How many calls are passed over between two that are tried.
std::int64_t stride(std::int64_t usual) {
    const char* const text = std::getenv("MUSEGAN_FAULTS_STRIDE");
    return text ? std::max<std::int64_t>(1, std::atoll(text)) : usual;
}

/// Tries an action at many calls of a run, and goes on from what it left.
void try_everywhere(const std::string& action, std::int64_t usual_stride) {
    const Workshop workshop;
    REQUIRE(workshop.train(workshop.run, "", "any 0 none").exit_code == 0);
    const std::int64_t calls = workshop.calls(), step = stride(usual_stride);
    REQUIRE(calls > 100);
    std::int64_t tried = 0;
    for (std::int64_t call = 1; call <= calls; call += step, ++tried) {
        CAPTURE(call);
        fs::remove_all(workshop.run);
        const Outcome hit = workshop.train(workshop.run, "", fmt::format("any {} {}", call, action));
        if (action != "KILL" && hit.exit_code != 0) support::check_failed(hit, 1, {});
        workshop.go_on(hit.output);
    }
    MESSAGE(fmt::format("{} at {} of {} calls", action, tried, calls));
}

}  // namespace

TEST_CASE("a run that is killed at any call goes on to the same bits") { try_everywhere("KILL", 61); }

TEST_CASE("a run whose disk is full at any one call loses nothing") { try_everywhere("ENOSPC", 67); }

TEST_CASE("a run whose disk is broken at any one call loses nothing") { try_everywhere("EIO", 71); }

TEST_CASE("a row of the log that could not be written once ends the run after a checkpoint, and is there") {
    const Workshop workshop;
    const Outcome hit = workshop.train(workshop.run, "", "write 2 ENOSPC log.csv");
    support::check_failed(hit, 1, {"log.csv", "No space left on device", "saved after step 1 and can be resumed"});
    CHECK(log_column(workshop.run, 0) == std::vector<std::string>{"1"});
    const Outcome resumed = workshop.train(workshop.run, " --resume");
    CHECK(resumed.exit_code == 0);
    CHECK_FALSE(resumed.says("repaired"));
    workshop.check_equals_whole();
    for (std::size_t column = 1; column < 9; ++column)  // all but the time
        CHECK(log_column(workshop.run, column) == log_column(workshop.whole, column));
}

TEST_CASE("a log that can never be written again costs its rows, not the run") {
    const Workshop workshop;
    const Outcome hit = workshop.train(workshop.run, "", "write 2+ ENOSPC log.csv");
    support::check_failed(hit, 1, {"log.csv", "No space left on device", "saved after step 1 and can be resumed"});
    const Outcome resumed = workshop.train(workshop.run, " --resume");
    CHECK(resumed.exit_code == 0);
    CHECK(resumed.says("warning: log.csv had no row of step 1"));
    workshop.check_equals_whole();
}

TEST_CASE("a log that is never synced in time loses its rows in a power cut, which is said and repaired") {
    const Workshop workshop;
    REQUIRE(workshop.train(workshop.run, "", "any 0 none").exit_code == 0);
    // What a file system may leave of a log that grew without a sync: zeros in place of its last rows.
    const std::string text = read_text(workshop.run / "log.csv");
    const std::size_t second = text.find("\n2,") + 1;
    support::write_text(workshop.run / "log.csv", text.substr(0, second) + std::string(text.size() - second, '\0'));
    const Outcome resumed = workshop.train(workshop.run, " --resume");
    CHECK(resumed.exit_code == 0);
    CHECK(resumed.says("no row of steps 2 to 3 (a full disk, a power cut or an edit): repaired, with nan"));
    workshop.check_equals_whole();
    CHECK_FALSE(workshop.train(workshop.run, " --resume").says("repaired"));
}

TEST_CASE("the log is on the disk before the state that counts its rows") {
    // A process that is killed where it syncs the log of steps 1 and 2 has not yet written the state of step 2.
    const Workshop workshop;
    workshop.train(workshop.run, "", "fsync 1 KILL log.csv");
    CHECK(read_text(workshop.run / "state.safetensors").find(R"("step":"0")") != std::string::npos);
    workshop.go_on("");
    const Outcome failed = (fs::remove_all(workshop.run), workshop.train(workshop.run, "", "fsync 1+ EIO log.csv"));
    support::check_failed(failed, 1, {"log.csv", "cannot be synced to the disk", "saved after step 2"});
}

TEST_CASE("metrics that cannot be written or synced cost their rows alone, and once is no loss") {
    const Workshop workshop;
    const std::string every = " --evaluate-every 1";
    const fs::path measured = workshop.folder / "measured";
    REQUIRE(workshop.train(measured, every).exit_code == 0);
    for (const char* fault :
         {"write 1 ENOSPC metrics.csv", "write 1+ ENOSPC metrics.csv", "fsync 1+ EIO metrics.csv"}) {
        CAPTURE(fault);
        fs::remove_all(workshop.run);
        const Outcome hit = workshop.train(workshop.run, every, fault);
        CHECK_MESSAGE(hit.exit_code == 0, hit.output);
        CHECK(hit.says("metrics.csv] cannot be "));
        workshop.check_equals_whole();
        const bool is_whole = read_text(workshop.run / "metrics.csv") == read_text(measured / "metrics.csv");
        CHECK(is_whole == (std::string(fault) != "write 1+ ENOSPC metrics.csv"));
    }
}
