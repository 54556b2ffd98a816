// musegan toy as a user calls it.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "io/csv.hpp"
#include "tests/support/lines.hpp"
#include "tests/tools/shell.hpp"

using support::Outcome;
using support::quoted;
using tools_tests::check_refused;
using tools_tests::check_usage_error;
using tools_tests::musegan;
using tools_tests::shell;

namespace fs = std::filesystem;

namespace {

const std::string small = "toy --device cpu --width 8 --batch 16 --updates 8 --critic-updates 2 ";

std::string read(const fs::path& path) { return shell("cat " + quoted(path)).output; }

/// The rows of toy.csv that are of a run.
std::vector<std::vector<std::string>> rows_of(const fs::path& csv, const std::string& run) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& row : io::parse_csv(read(csv), "toy.csv"))
        if (row.front() == run) rows.push_back(row);
    return rows;
}

}  // namespace

TEST_CASE("toy: a table, two pictures and all records, of four constraints if nothing is said") {
    support::TemporaryFolder folder;
    const Outcome outcome = musegan(small + "--out " + quoted(folder / "out"));
    CAPTURE(outcome.output);
    CHECK(outcome.exit_code == 0);
    for (const char* run : {"\nconstraint penalty ", "\nconstraint none ", "\nconstraint clipping ",
                            "\nconstraint cut ", "the same numbers all along: constraint none, constraint cut\n"})
        CHECK_MESSAGE(outcome.says(run), run);
    for (const char* picture : {"critic.png", "curves.png"}) {
        CHECK(read(folder / "out" / picture).starts_with("\x89PNG"));
        CHECK(fs::file_size(folder / "out" / picture) > 5000);
    }
    const auto rows = rows_of(folder / "out/toy.csv", "constraint clipping");
    REQUIRE(rows.size() == 9);
    CHECK(rows[8].at(1) == "8");
    CHECK(rows[8].size() == 10);
}

TEST_CASE("toy: a run alone has the numbers that it has in a comparison, for any number of threads") {
    support::TemporaryFolder folder;
    const auto csv = [&](const std::string& options, const std::string& name) {
        REQUIRE(musegan(small + options + " --out " + quoted(folder / name)).exit_code == 0);
        return folder / name / "toy.csv";
    };
    const fs::path both = csv("--threads 2 --vary constraint=none,penalty", "both");
    const fs::path alone = csv("--threads 1 --constraint penalty", "alone");
    CHECK(rows_of(alone, "constraint penalty").size() == 9);
    CHECK(rows_of(both, "constraint penalty") == rows_of(alone, "constraint penalty"));
    CHECK(rows_of(both, "constraint none") != rows_of(alone, "constraint penalty"));
    CHECK(rows_of(alone, "constraint none").empty());
    // A second call replaces its own files.
    CHECK(csv("--vary seed=1", "alone") == alone);
    CHECK(rows_of(alone, "seed 1").size() == 9);
}

TEST_CASE("toy: a run that is not finite any more is told, and the others go on") {
    support::TemporaryFolder folder;
    const Outcome outcome = musegan(
        "toy --device cpu --width 2 --batch 16 --updates 50 --critic-updates 2 --activation relu "
        "--vary slope-epsilon=0,1e-8 --out " +
        quoted(folder / "out"));
    CAPTURE(outcome.output);
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.says("not finite from update "));
    CHECK(rows_of(folder / "out/toy.csv", "slope_epsilon 1e-08").back().at(1) == "50");
    CHECK(rows_of(folder / "out/toy.csv", "slope_epsilon 0").size() < 51);
    CHECK(fs::exists(folder / "out/critic.png"));
}

TEST_CASE("toy: what makes no sense is a usage error of one line, and no folder is made") {
    support::TemporaryFolder folder;
    const std::string out = " --out " + quoted(folder / "out");
    check_usage_error(small + "--vary penalty=1" + out, {"[--vary] 'penalty' is no setting, "});
    check_usage_error(small + "--vary clip=0" + out, {"[--vary] clip '0', expected more than 0"});
    check_usage_error(small + "--vary seed=1,1" + out, {"[--vary] seed 1 is stated twice"});
    check_usage_error(small + "--vary seed=1,2,3,4,5,6,7,8,9" + out, {"9 values of seed, expected 8 or fewer"});
    check_usage_error(small + "--vary seed" + out, {"[--vary] 'seed', expected SETTING=V1,V2,..."});
    check_usage_error(small + "--vary ''" + out, {"[--vary] '', expected SETTING=V1,V2,..."});
    check_usage_error(small + "--vary width=4,8" + out, {"[--vary] width, which is stated, too"});
    check_usage_error(small + "--activation none" + out, {"[--activation] 'none', expected leaky_relu, relu or tanh"});
    check_usage_error(small + "--seed -1" + out, {"[--seed] '-1', expected 0 to "});
    check_usage_error(small + "--out ''", {"[--out] no path, expected one"});
    CHECK_FALSE(fs::exists(folder / "out"));
    REQUIRE(shell("mkdir " + quoted(folder / "theirs") + " && echo theirs > " + quoted(folder / "theirs/toy.csv"))
                .exit_code == 0);
    check_refused(small + "--out " + quoted(folder / "theirs"), {"toy.csv"});
    CHECK(read(folder / "theirs/toy.csv") == "theirs\n");
}

TEST_CASE("toy: interrupted, it says so, ends with 130 and leaves nothing") {
    support::TemporaryFolder folder;
    // The first line of progress says that it is under way.
    const Outcome outcome =
        shell("\"$musegan\" toy --device cpu --width 8 --batch 2 --updates 60000 --constraint penalty --out " +
              quoted(folder / "out") + " >" + quoted(folder / "said") +
              " 2>&1 </dev/null & pid=$!; until grep -qs updates " + quoted(folder / "said") +
              "; do sleep 0.05; done; kill -INT $pid; wait $pid; echo status $?; cat " + quoted(folder / "said"));
    CAPTURE(outcome.output);
    CHECK(outcome.says("status 130\n"));
    CHECK(outcome.says("musegan: [toy] interrupted; nothing was written\n"));
    CHECK_FALSE(fs::exists(folder / "out"));
}
