// musegan profile as a user calls it.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "io/file.hpp"
#include "musegan/study/profile_json.hpp"
#include "tests/tools/shell.hpp"

using support::Outcome;
using support::quoted;
using tools_tests::check_refused;
using tools_tests::check_usage_error;

namespace {

Outcome command(const std::string& arguments) { return tools_tests::musegan(arguments); }

const std::string device =
    "profile --device cpu --threads 1 --steps-per-beat 4 --width 0.03125 --batch 2 --copy-mib 1 ";
const std::string paper = device + "--preset paper --warm-up 1 ", small = paper + "--rounds 2 ";

std::string text_of(const std::filesystem::path& path) {
    const std::vector<std::uint8_t> bytes = io::read_file(path, 1 << 26);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("profile: tables, words and files of a small composer") {
    const support::TemporaryFolder folder;
    const auto in = [&](const std::string& name) { return quoted(folder.path() / name); };
    const Outcome printed = command(small + "--tree --per-thread --json " + in("a.json") + " --html " + in("a.html"));
    CAPTURE(printed.output);
    REQUIRE(printed.exit_code == 0);
    for (const char* part :
         {"roofs: products ", "penalty slopes", "conv3d_weight_gradient", "The gradient penalty takes ",
          "To improve first: 1. ", "threads", "An observed critic update takes "})
        CHECK(printed.says(part));
    const musegan::Profile profile = musegan::read_profile(folder.path() / "a.json");
    CHECK(profile.critic_ms.size() == 2);
    CHECK(profile.threads == 1);
    const std::string page = text_of(folder.path() / "a.html");
    CHECK(page.starts_with("<!doctype html>"));
    CHECK(page.find("The gradient penalty takes ") != std::string::npos);
    CHECK(page.find("\"operator\":\"conv3d_weight_gradient\"") != std::string::npos);

    CHECK(command(small + "--by layer").says("critic.conv1"));
    CHECK_FALSE(command(small + "--by layer").says("penalty slopes  "));
    CHECK(command(small + "--by all --lines 1").says(" more, "));
    CHECK(command(small + "--plain --penalty 0").says("There is no gradient penalty."));
}

TEST_CASE("profile --compare: its verdict is an exit status, and other work is refused") {
    const support::TemporaryFolder folder;
    const auto in = [&](const std::string& name) { return quoted(folder.path() / name); };
    REQUIRE(command(small + "--json " + in("a.json")).exit_code == 0);
    musegan::Profile profile = musegan::read_profile(folder.path() / "a.json");
    const auto write = [&](const char* name) { std::ofstream(folder.path() / name) << musegan::profile_json(profile); };
    for (double& time : profile.critic_ms) time = 1;
    write("fast.json");
    for (double& time : profile.critic_ms) time = 2;
    write("slow.json");
    const Outcome slower = command("profile --compare " + in("fast.json") + " " + in("slow.json"));
    CHECK(slower.exit_code == 3);
    CHECK(slower.says("verdict: slower"));
    const Outcome faster = command("profile --compare " + in("slow.json") + " " + in("fast.json") + " --by phase");
    CHECK(faster.exit_code == 0);
    CHECK(faster.says("verdict: faster"));
    CHECK(command("profile --compare " + in("slow.json") + " " + in("slow.json")).says("verdict: same"));

    profile.work[0].second = "other";
    write("other.json");
    check_refused("profile --compare " + in("slow.json") + " " + in("other.json"), {"other.json", "other work"});
    std::string text = text_of(folder.path() / "slow.json");
    text.replace(text.find("\"version\": 1"), 12, "\"version\": 9");
    std::ofstream(folder.path() / "old.json") << text;
    check_refused("profile --compare " + in("slow.json") + " " + in("old.json"), {"old.json", "version 9, expected 1"});
    check_refused("profile --compare " + in("slow.json") + " " + in("none.json"), {"none.json"});
    const Outcome alone = command("profile --compare " + in("slow.json"));
    CHECK(alone.exit_code == 2);
    CHECK(alone.says("--compare"));
}

TEST_CASE("profile --grow: sizes, exponents, and sizes that cannot be") {
    const std::string grow = paper + "--rounds 1 --grow ";
    CHECK(command(grow + "batch --sizes 4,2").says("Time grows with batch to the power of "));
    CHECK(command(grow + "tracks --sizes 1,5").says("Time grows with tracks to the power of "));
    check_refused(grow + "batch --sizes 2", {"at least two"});
    check_refused(grow + "bars --sizes 4,65", {"bars 65", "4 to 64"});
    check_usage_error(grow + "pitch", {"--grow", "'pitch'", "batch, width, bars or tracks"});
}

TEST_CASE("profile: what cannot be is refused before anything is measured") {
    const support::TemporaryFolder folder;
    const auto in = [&](const std::string& name) { return quoted(folder.path() / name); };
    check_refused(small + "--json " + in("none/a.json"), {"none/a.json"});
    check_refused(small + "--json " + quoted(folder.path()), {"is a folder", "expected a regular file"});
    CHECK(std::filesystem::is_empty(folder.path()));
    check_usage_error(small + "--by note", {"--by", "'note'", "kernel, operator, layer, phase or all"});
    check_usage_error(device + "--preset none", {"none"});
    check_usage_error(small + "--precision tf32", {"tf32"});
    const Outcome batch = command("profile --batch 1");
    CHECK(batch.exit_code == 2);
    CHECK(batch.says("--batch"));
    check_usage_error("profile --critic-norm batch --preset paper --device cpu", {"batch norm in a critic"});
}
