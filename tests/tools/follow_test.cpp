// musegan report --follow: a page that goes along with a run while it trains.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "musegan/training/run_folder.hpp"
#include "tests/tools/shell.hpp"

using nlohmann::json;
using support::Outcome;
using support::quoted;
using support::read_text;
using support::write_text;
using tools_tests::check_refused;
using tools_tests::check_usage_error;
using tools_tests::shell;

namespace {

namespace fs = std::filesystem;

/// Looks again and again, for at most two minutes.
bool comes_true(const std::function<bool()>& fact) {
    for (int k = 0; k < 2400; ++k) {
        if (fact()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
}

/// What the scripts of a page read. Nothing for no page; half a page is a failure.
std::optional<json> data_of(const fs::path& page) {
    if (!fs::exists(page)) return std::nullopt;
    const std::string text = read_text(page), mark = "<script type=\"application/json\" id=\"data\">";
    CHECK(text.starts_with("<!doctype html>"));
    CHECK(text.ends_with("</html>\n"));
    const std::size_t begin = text.find(mark) + mark.size();
    return json::parse(text.substr(begin, text.find("</script>", begin) - begin));
}

bool is_live(const std::optional<json>& data) { return data && data->contains("live"); }

const std::string small_training =
    "--device cpu --threads 1 --preset compact --width 0.1 --batch 2 --critic-steps 1 --sample-every 1 "
    "--evaluate-every 0";

/// A run of three steps, and a command that follows it in a thread of its own.
struct FollowedRun {
    support::TemporaryFolder folder;
    musegan::RunFolder run{folder / "run"};
    fs::path page = run.report(), output = folder / "output";
    fs::path data = tools_tests::small_dataset(folder);
    std::jthread thread;
    int exit_code = -1;

    FollowedRun() {
        const Outcome trained = tools_tests::musegan("train " + small_training + " --steps 3 --data " + quoted(data) +
                                                     " --run " + quoted(run.path()));
        INFO(trained.output);
        REQUIRE(trained.exit_code == 0);
        fs::remove(page);
    }
    void follow(const std::string& more = "") {
        thread = std::jthread([this, more] {
            exit_code = shell("\"$musegan\" report --follow --every 1 " + quoted(run.path()) + " " + more + " >" +
                              quoted(output) + " 2>&1 </dev/null")
                            .exit_code;
        });
    }
    std::string end() {
        thread.join();
        return read_text(output);
    }
    /// That the page is the one that a plain report is.
    void check_page() const {
        const fs::path other = folder / "other.html";
        CHECK(tools_tests::musegan("report " + quoted(run.path()) + " --out " + quoted(other)).exit_code == 0);
        CHECK(read_text(page) == read_text(other));
    }
};

}  // namespace

TEST_CASE("report --follow: the page goes along with a run that grows, and is whole whenever it is read") {
    FollowedRun made;
    const std::string log = read_text(made.run.log()), last = read_text(made.run.sample(3, ".safetensors"));
    const std::size_t second = log.find("\n2,") + 1, third = log.find("\n3,") + 1;
    write_text(made.run.log(), log.substr(0, second));
    for (const int step : {2, 3}) fs::remove(made.run.sample(step, ".safetensors"));
    std::optional<musegan::RunLock> lock(made.run.path());
    made.follow();
    const auto data = [&] { return data_of(made.page); };
    REQUIRE(comes_true([&] { return is_live(data()); }));
    CHECK(data()->at("live").at("step") == 1);
    CHECK(data()->at("live").at("steps") == 3);
    CHECK(data()->at("live").at("every") == 1);
    CHECK(data()->at("nearest").empty());
    // A row and a sample that are being written are not there yet, and no fault.
    write_text(made.run.log(), log.substr(0, third + 4));
    write_text(made.run.sample(3, ".safetensors"), last.substr(0, last.size() / 2));
    REQUIRE(comes_true([&] { return data()->at("live").at("step") == 2; }));
    CHECK(data()->at("samples").at("step") == 1);
    // What it says stands before its scripts, whose comments say a lot.
    const std::string page = read_text(made.page), words = page.substr(0, page.find("<script"));
    CHECK(words.find("<section") != std::string::npos);
    CHECK(words.find("eft out") == std::string::npos);
    CHECK(words.find("has no end") == std::string::npos);
    write_text(made.run.log(), log);
    write_text(made.run.sample(3, ".safetensors"), last);
    REQUIRE(comes_true([&] { return data()->at("samples").at("step") == 3; }));
    CHECK(data()->at("live").at("step") == 3);
    lock.reset();
    const std::string output = made.end();
    CHECK(made.exit_code == 0);
    CHECK(output == fmt::format("follow: {} trains; {} is rewritten every 1 s\nlook: {}\n",
                                output.substr(8, output.find(" trains") - 8), made.page.string(), made.page.string()));
    CHECK(output.find(fmt::format("process {} since ", ::getpid())) != std::string::npos);
    CHECK_FALSE(is_live(data()));
    CHECK(data()->at("nearest").size() == 4);
    made.check_page();
}

TEST_CASE("report --follow: a page that cannot be written is said once and tried again") {
    FollowedRun made;
    made.page = made.folder / "pages" / "page.html";
    fs::create_directory(made.page.parent_path());
    std::optional<musegan::RunLock> lock(made.run.path());
    made.follow("--out " + quoted(made.page));
    REQUIRE(comes_true([&] { return is_live(data_of(made.page)); }));
    fs::remove_all(made.page.parent_path());
    const auto warned = [&] { return read_text(made.output).find("warning: [") != std::string::npos; };
    REQUIRE(comes_true(warned));
    fs::create_directory(made.page.parent_path());
    REQUIRE(comes_true([&] { return is_live(data_of(made.page)); }));
    lock.reset();
    const std::string output = made.end();
    CAPTURE(output);
    CHECK(made.exit_code == 0);
    CHECK(output.find("warning: ") == output.rfind("warning: "));
    CHECK(output.find("it is tried again\n") != std::string::npos);
    made.check_page();
}

TEST_CASE("report --follow: a run that is gone ends it with one line") {
    FollowedRun made;
    const musegan::RunLock lock(made.run.path());
    made.follow();
    REQUIRE(comes_true([&] { return is_live(data_of(made.page)); }));
    fs::rename(made.run.path(), made.folder / "elsewhere");
    const std::string output = made.end();
    support::check_failed({made.exit_code, output}, 1, {"is gone: it was removed or moved"});
}

TEST_CASE("report --follow: Ctrl-C leaves the page as it stands, without its live line") {
    const FollowedRun made;
    const musegan::RunLock lock(made.run.path());
    const Outcome outcome =
        shell("\"$musegan\" report --follow " + quoted(made.run.path()) + " 2>&1 </dev/null & pid=$!; until test -e " +
              quoted(made.page) + "; do sleep 0.05; done; kill -INT $pid; wait $pid");
    CAPTURE(outcome.output);
    CHECK(outcome.exit_code == 130);
    CHECK(outcome.says("musegan: interrupted; writing the page once more\n"));
    CHECK(outcome.output.ends_with("look: " + made.page.string() + "\n"));
    const std::optional<json> data = data_of(made.page);
    REQUIRE(data);
    CHECK_FALSE(is_live(data));
    CHECK(data->at("samples").at("step") == 3);
}

TEST_CASE("report --follow: a run that nobody trains is written once, whatever a killed training has left") {
    const FollowedRun made;
    write_text(made.run.path() / ".in-use", fmt::format("process {} since 2026-12-01 14:05:00\n", ::getpid()));
    const Outcome outcome = tools_tests::musegan("report --follow " + quoted(made.run.path()));
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.output == fmt::format("nobody trains in {}: the page is written once\nlook: {}\n", made.run.name(),
                                        made.page.string()));
    made.check_page();

    check_refused("report --follow " + quoted(made.folder / "none"), {"nothing is there"});
    check_refused("report --follow " + quoted(made.folder.path()), {"has no file of a run"});
    check_usage_error("report --every 2 " + quoted(made.run.path()), {"--every", "--follow"});
    for (const char* const every : {"0", "3601", "x"})
        check_usage_error("report --follow --every " + std::string(every) + " " + quoted(made.run.path()),
                          {"--every", "1 to 3600"});
}

TEST_CASE("report --follow: beside a training it ends with that, however that ends") {
    const support::TemporaryFolder folder;
    const fs::path data = tools_tests::small_dataset(folder);
    for (const auto& each : {std::pair{"", 0}, {"INT", 130}, {"KILL", 137}}) {
        const std::string signal = each.first;
        CAPTURE(signal);
        const musegan::RunFolder run = folder / ("run" + signal);
        // The follower begins as soon as there is a folder; the training is stopped when a page shows a step of it, or
        // ends by itself.
        const std::string page = quoted(run.report());
        const Outcome outcome =
            shell("\"$musegan\" train " + small_training + " --steps " + (signal.empty() ? "60" : "1000000") +
                  " --data " + quoted(data) + " --run " + quoted(run.path()) + " >" + quoted(folder / "training") +
                  " 2>&1 </dev/null & pid=$!; until test -e " + quoted(run.path() / ".in-use") +
                  "; do sleep 0.02; done; \"$musegan\" report --follow --every 1 " + quoted(run.path()) +
                  " 2>&1 </dev/null & follower=$!; " +
                  (signal.empty() ? ""
                                  : "until grep -qs '\"live\":{\"every\":1,\"step\":[1-9]' " + page +
                                        "; do sleep 0.05; done; kill -" + signal + " $pid; ") +
                  "wait $pid; trained=$?; wait $follower; echo \"$trained $?\"");
        CAPTURE(outcome.output);
        CHECK(outcome.output.starts_with("follow: process "));
        CHECK(outcome.output.ends_with(fmt::format("look: {}\n{} 0\n", run.report().string(), each.second)));
        CHECK_FALSE(is_live(data_of(run.report())));
        const fs::path other = folder / "other.html";
        CHECK(tools_tests::musegan("report " + quoted(run.path()) + " --out " + quoted(other)).exit_code == 0);
        CHECK(read_text(run.report()) == read_text(other));
    }
}
