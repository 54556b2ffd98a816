// musegan report as a user calls it, and what train and demo leave of it.
#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/tools/shell.hpp"

using nlohmann::json;
using support::Outcome;
using support::quoted;
using tools_tests::check_refused;
using tools_tests::check_usage_error;

namespace {

namespace fs = std::filesystem;

Outcome command(const std::string& arguments) { return tools_tests::musegan(arguments); }

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// What the page's scripts read.
json data_of(const fs::path& page) {
    const std::string text = support::read_text(page), mark = "<script type=\"application/json\" id=\"data\">";
    const std::size_t begin = text.find(mark);
    REQUIRE(begin != std::string::npos);
    return json::parse(text.substr(begin + mark.size(), text.find("</script>", begin) - begin - mark.size()));
}

/// A dataset and a run of two steps.
struct Fixture {
    support::TemporaryFolder folder;
    fs::path data = tools_tests::small_dataset(folder), run = folder / "run";
    Outcome trained = train("--steps 2");

    Outcome train(const std::string& more) const {
        return command(
            "train --device cpu --threads 1 --preset compact --width 0.1 --batch 2 --critic-steps 1 "
            "--sample-every 1 --evaluate-every 1 --data " +
            quoted(data) + " --run " + quoted(run) + " " + more);
    }
    Outcome report(const std::string& more = "") const { return command("report " + quoted(run) + " " + more); }
};

}  // namespace

TEST_CASE("report: train ends with the page of its run and says where it is") {
    const Fixture made;
    CAPTURE(made.trained.output);
    REQUIRE(made.trained.exit_code == 0);
    CHECK(made.trained.says("look: " + (made.run / "report.html").string() + "\n"));
    CHECK_FALSE(made.trained.says("warning"));
    const json data = data_of(made.run / "report.html");
    CHECK(data.at("samples").at("step") == 2);
    CHECK(data.at("nearest").size() == 4);
    CHECK(data.at("charts").size() > 5);
    // By itself it says the same, and a resumed run says more.
    const std::string page = support::read_text(made.run / "report.html");
    fs::remove(made.run / "report.html");
    CHECK(made.report().output == "look: " + (made.run / "report.html").string() + "\n");
    CHECK(support::read_text(made.run / "report.html") == page);
    CHECK(made.train("--resume --steps 3").exit_code == 0);
    CHECK(data_of(made.run / "report.html").at("samples").at("step") == 3);
}

TEST_CASE("report: what evaluate and interpolate write beside the run is in it") {
    const Fixture made;
    const std::string run = quoted(made.run);
    REQUIRE(command("evaluate " + run + " --against " + quoted(made.data) +
                    " --phrases 20 --copies 5 --shuffle-bars --device cpu --json " +
                    quoted(made.run / "evaluation.json"))
                .exit_code == 0);
    REQUIRE(command("interpolate --run " + run + " --grid --steps 3 --device cpu --out " +
                    quoted(made.run / "interpolation"))
                .exit_code == 0);
    CHECK(made.report("--out " + quoted(made.folder / "page.html")).exit_code == 0);
    const std::string page = support::read_text(made.folder / "page.html");
    const json figures = json::parse(support::read_text(made.run / "evaluation.json"));
    std::size_t looked_at = 0;
    for (const json& set : {figures, figures.at("against"), figures.at("shuffled")})
        for (const auto& [track, values] : set.at("tracks").items())
            for (const auto& [name, value] : values.items())
                if (value.is_number()) {
                    CHECK(has(page, fmt::format("<data value=\"{}\">", value.get<double>())));
                    ++looked_at;
                }
    CHECK(looked_at > 50);
    const json between = data_of(made.folder / "page.html").at("interpolation");
    CHECK(between.at("rows") == 3);
    CHECK(between.at("phrases").size() == 9);
    CHECK(between.at("captions")[4] == "s = 0.5, t = 0.5");
    // Named ones as well.
    fs::rename(made.run / "evaluation.json", made.folder / "e.json");
    fs::rename(made.run / "interpolation", made.folder / "i");
    CHECK(made.report("--evaluation " + quoted(made.folder / "e.json") + " --interpolation " +
                      quoted(made.folder / "i") + " --data " + quoted(made.data) + " --out " +
                      quoted(made.folder / "again.html"))
              .exit_code == 0);
    CHECK(support::read_text(made.folder / "again.html") == page);
}

TEST_CASE("report: what is damaged is said and left out, and what is no run is refused") {
    const Fixture made;
    support::write_text(made.run / "log.csv", support::read_text(made.run / "log.csv") + "3,1.5");
    support::write_text(made.run / "samples" / "step_000002.safetensors", "x");
    const Outcome outcome = made.report();
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.says("note: The last line of log.csv has no end"));
    CHECK(outcome.says("note: 1 of 3 files of samples could not be read and is left out: ["));
    CHECK(data_of(made.run / "report.html").at("samples").at("step") == 1);

    check_usage_error("report", {"RUN"});
    check_refused("report " + quoted(made.folder / "none"), {"nothing is there"});
    check_refused("report " + quoted(made.folder.path()), {"has no file of a run"});
    check_refused("report " + quoted(made.run) + " --data " + quoted(made.folder / "none"), {"none]"});
    check_refused("report " + quoted(made.run) + " --evaluation " + quoted(made.data), {"is no JSON"});
    // Nothing is lost to a slip: neither what the page is made of, named or not, nor any other file that is no page.
    for (const fs::path& file : {made.run / "log.csv", made.data, made.run / "samples" / "step_000000.safetensors"}) {
        const std::string before = support::read_text(file);
        check_refused("report " + quoted(made.run) + " --out " + quoted(file), {"is there and is no page"});
        CHECK(support::read_text(file) == before);
    }
    check_refused("report " + quoted(made.run) + " --out " + quoted(made.folder / "no" / "folder.html"), {"no"});
    CHECK(has(support::read_text(made.run / "log.csv"), "step,"));
}

TEST_CASE("report: one that cannot be written is a warning, and costs nothing of the run") {
    const support::TemporaryFolder folder;
    const fs::path data = tools_tests::small_dataset(folder), run = folder / "run";
    fs::create_directories(run / "report.html" / "in the way");
    const Outcome outcome = command(
        "train --device cpu --threads 1 --preset compact --width 0.1 --batch 2 --critic-steps 1 --steps 1 "
        "--evaluate-every 0 --data " +
        quoted(data) + " --run " + quoted(run));
    CAPTURE(outcome.output);
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.says("warning: no report: ["));
    CHECK_FALSE(outcome.says("look: "));
    CHECK(fs::exists(run / "model.safetensors"));
}
