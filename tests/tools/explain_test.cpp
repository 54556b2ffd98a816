// musegan explain as a user calls it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "musegan/data/dataset.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/support/lines.hpp"
#include "tests/tools/shell.hpp"

using support::lines_of;
using support::Outcome;
using support::quoted;
using tools_tests::check_refused;
using tools_tests::check_usage_error;

namespace {

const std::string explain = "explain --device cpu ";
/// The critic of the paper at 1/64 of its width.
const std::string smallest = explain + "--threads 1 --width 0.015625 ";

Outcome command(const std::string& arguments) { return tools_tests::musegan(arguments); }

/// What a piped command prints; nothing may stand on the other stream.
std::string printed(const std::string& arguments) {
    CAPTURE(arguments);
    const support::TemporaryFolder folder;
    const Outcome outcome =
        tools_tests::shell("\"$musegan\" " + arguments + " 2>" + quoted(folder / "errors") + " </dev/null");
    CHECK(support::read_text(folder / "errors") == "");
    CAPTURE(outcome.output);
    REQUIRE(outcome.exit_code == 0);
    return outcome.output;
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The lines that begin with a number and a point.
std::string sections(const std::string& text) {
    std::string found;
    for (const std::string& line : lines_of(text))
        if (line.size() > 3 && line.compare(1, 2, ". ") == 0) found += line[0];
    return found;
}

/// Lines joined, for words that may have wrapped.
std::string joined(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

/// Without the machine's line and the time at the end.
std::string without_times(const std::string& text) {
    const std::size_t machine = text.find("\nin f64 on "), end = text.find('\n', machine + 1);
    const std::size_t time = text.find(" All of it took ");
    // The time may have wrapped.
    const std::size_t wrapped_time = time == std::string::npos ? text.rfind("All of") : time;
    REQUIRE(machine != std::string::npos);
    REQUIRE(wrapped_time != std::string::npos);
    return text.substr(0, machine) + text.substr(end, wrapped_time - end);
}

/// A walk's largest difference between two ways, whatever the way.
void check_checks(const std::string& text) {
    const std::string words = joined(text.substr(text.rfind(" steps were computed again")));
    int found = 0;
    for (const std::string way : {"complex step: ", "reference operators: "}) {
        const std::size_t at = words.find("difference by " + way);
        REQUIRE_MESSAGE(at != std::string::npos, words);
        CHECK(std::stod(words.substr(at + 14 + way.size())) < 1e-10);
        ++found;
    }
    CHECK(found == 2);
}

void check_width(const std::string& text) {
    for (const std::string& line : lines_of(text)) CHECK_MESSAGE(line.size() <= 100, line);
}

/// A tiny run per name below `folder`, and the data that they were made from.
void make_runs(const support::TemporaryFolder& folder, const std::vector<std::pair<std::string, std::string>>& runs) {
    const auto in = [&](const std::string& name) { return quoted(folder / name); };
    REQUIRE(command("synth --songs 1 --seed 4 --out " + in("songs")).exit_code == 0);
    REQUIRE(command("prepare " + in("songs") + " --out " + in("data")).exit_code == 0);
    for (const auto& [name, options] : runs) {
        const Outcome trained = command("train --data " + in("data") + " --run " + in(name) +
                                        " --device cpu --threads 1 --width 0.015625 --batch 2 --critic-steps 1 "
                                        "--steps 1 --preset paper --steps-per-beat 4 --weight-start fan_in " +
                                        options);
        CAPTURE(trained.output);
        REQUIRE(trained.exit_code == 0);
    }
}

}  // namespace

TEST_CASE("explain: without a word it walks through a small critic's update, and prints nothing else") {
    const std::string text = printed(explain);
    CHECK(
        text.starts_with("One update of critic of a composer: 9,889 parameters; phrases of 64 steps x 84 pitches x 5 "
                         "tracks\n"));
    CHECK(sections(text) == "123456");
    CHECK(says(text, "real: phrase 0 of a song by rule (musegan synth --seed 0)\n"));
    CHECK(says(text, "h2 = phi(F(h1, w2) + b2) "));
    CHECK(says(text, "dP/dw2 = B(k1, u2) "));
    check_checks(text);
    check_width(text);
}

TEST_CASE("explain: a page, a graph and the ways, the same of one seed on any number of threads") {
    const support::TemporaryFolder folder;
    const auto in = [&](const std::string& name) { return quoted(folder / name); };
    const std::string small = explain + "--width 0.015625 ";
    const std::string text = printed(small + "--threads 1 --ways --html " + in("a.html") + " --dot " + in("a.dot"));
    CHECK(sections(text) == "1234567");
    for (const std::string way : {"reverse over reverse", "forward over reverse", "complex step", "differences"})
        CHECK_MESSAGE(says(text, "\n  " + way + " "), way);
    check_width(text);
    const std::string page = support::read_text(folder / "a.html"), dot = support::read_text(folder / "a.dot");
    CHECK(page.starts_with("<!doctype html>"));
    CHECK(says(page, "</html>"));
    CHECK(says(dot, "\ndigraph explanation {\n"));
    CHECK(dot.ends_with("}\n"));

    const std::string one = printed(small + "--threads 1 --seed 3 --dot " + in("b.dot"));
    const std::string two = printed(small + "--threads 2 --seed 3 --dot " + in("c.dot"));
    CHECK(without_times(one) == without_times(two));
    CHECK(support::read_text(folder / "b.dot") == support::read_text(folder / "c.dot"));
    CHECK(without_times(one) != without_times(printed(small + "--threads 1 --seed 4")));
    CHECK(folder.files() == 4);
}

TEST_CASE("explain: lines of every preset's critic fit, and every number is found again") {
    for (const std::string preset :
         {"--preset compact --width 0.125 --steps-per-beat 4", "--preset binary --width 0.015625 --all-checks",
          "--width 0.015625 --critic-norm layer", "--width 0.015625 --model jamming --critic strings --phrases 5"}) {
        CAPTURE(preset);
        const std::string text = printed(explain + "--threads 1 " + preset);
        check_width(text);
        check_checks(text);
    }
}

TEST_CASE("explain --run: the critic of a run and phrases of its data, and every way in which that fails") {
    const support::TemporaryFolder folder;
    const auto in = [&](const std::string& name) { return quoted(folder / name); };
    make_runs(folder, {{"composer", ""}, {"given", "--model jamming --condition bass"}});
    const std::string of_run = explain + "--threads 1 --run " + in("composer") + " ";
    const std::string of_given = explain + "--threads 1 --run " + in("given") + " ";

    const std::string text = printed(of_run + "--data " + in("data") + " --phrase 1");
    CHECK(says(text, "One update of critic of a composer: "));
    CHECK(says(joined(text), "real: phrase 1 of " + (folder / "data").string() + " "));
    CHECK(says(joined(text), "generated: by the model of " + (folder / "composer").string() + ", seed 0 "));
    check_checks(text);
    CHECK(says(printed(of_run + "--phrases 2 --seed 5"), " phrases 0 to 1 of a song by rule (musegan synth --seed 5)"));
    // Another phrase, and weights that no training has changed, have other scores.
    const auto score = [](const std::string& words) {
        const std::size_t at = words.find("\n  D of the real ");
        REQUIRE(at != std::string::npos);
        return words.substr(at, words.find('\n', at + 1) - at);
    };
    CHECK(score(printed(of_run + "--data " + in("data"))) != score(text));
    CHECK(score(printed(smallest + "--data " + in("data") + " --phrase 1")) != score(text));
    for (const std::string track : {"drums", "strings"}) {
        const std::string given = printed(of_given + "--data " + in("data") + " --critic " + track);
        CHECK(says(given, "One update of critic." + track + " of a jamming given bass: "));
        CHECK(says(joined(given), " pitches x 1 track "));
        check_checks(given);
    }

    const std::ptrdiff_t before = folder.files();
    const std::string outputs = " --html " + in("new.html") + " --dot " + in("new.dot");
    check_refused(of_given + "--critic bass" + outputs,
                  {"[explain] no critic of bass, expected one of drums, guitar, piano, strings"});
    check_refused(of_run + "--critic drums" + outputs, {"[explain] a critic of drums alone, expected the one critic"});
    std::filesystem::create_directory(folder / "empty");
    for (const std::string name : {"nothing", "empty"})
        check_refused(explain + "--run " + in(name) + outputs, {name + "] no model.safetensors, expected the folder"});
    const std::string model = support::read_text(folder / "composer" / "model.safetensors");
    const auto model_of = [&](const std::string& content) {
        support::write_text(folder / "empty" / "model.safetensors", content);
    };
    for (const std::size_t left : {std::size_t{0}, std::size_t{7}, std::size_t{2000}, model.size() - 1}) {
        CAPTURE(left);
        model_of(model.substr(0, left));
        check_refused(explain + "--run " + in("empty") + outputs, {"empty/model.safetensors] "});
    }
    model_of("no tensors at all");
    check_refused(explain + "--run " + in("empty") + outputs, {"empty/model.safetensors] "});
    for (const std::string option : {"--width 0.5", "--preset compact", "--penalty 5", "--model jamming"})
        check_usage_error(of_run + option + outputs, {"[--run] with settings of fresh networks"});

    check_refused(of_run + "--data " + in("nothing") + outputs, {"nothing] "});
    check_refused(of_run + "--data " + in("songs") + outputs, {"songs] is a folder, expected a file"});
    check_refused(of_run + "--data " + in("composer/model.safetensors") + outputs, {"model.safetensors] "});
    const musegan::PackedPhrases few = support::random_phrases(3, 1, {.bars = 2});
    musegan::write_dataset(folder / "short", few, std::vector<std::int64_t>{0, 1, 2});
    check_refused(of_run + "--data " + in("short") + outputs,
                  {"short] phrases of 2 bars, 24 steps per beat", "expected those of the model: 4 bars"});
    check_refused(of_run + "--data " + in("data") + " --phrase 4000" + outputs,
                  {"data] phrase 4000, expected at most the last of ", " phrases, number "});
    CHECK(folder.files() == before + 2);  // empty and short
}

TEST_CASE("explain: what cannot be is refused in one line, and leaves nothing behind") {
    const support::TemporaryFolder folder;
    const auto in = [&](const std::string& name) { return quoted(folder / name); };
    const std::string outputs = " --html " + in("new.html") + " --dot " + in("new.dot");
    check_refused(smallest + "--html " + in("none/a.html"), {"none/a.html] cannot be written"});
    check_refused(smallest + "--html " + in("a.html") + " --dot " + in("none/a.dot"),
                  {"none/a.dot] cannot be written"});
    check_refused(smallest + "--html " + quoted(folder.path()), {"is a folder, expected a regular file"});
    check_refused(smallest + "--phrase 4000" + outputs, {"[explain] phrase 4000 of a song by rule, which has "});
    check_refused(smallest + "--phrase 1 --phrases 1024" + outputs, {"[explain] phrases 1 to 1024 of a song by rule"});
    check_refused(smallest + "--critic bass" + outputs, {"[explain] a critic of bass alone, expected the one critic"});
    check_refused(smallest + "--model jamming --critic flute" + outputs,
                  {"[explain] no critic of flute, expected one of bass, drums, guitar, piano, strings"});
    check_usage_error(smallest + "--penalty 0" + outputs, {"without a penalty"});
    check_usage_error(smallest + "--critic-norm batch" + outputs, {"[explain] batch norm in a critic"});
    check_usage_error(smallest + "--preset none" + outputs, {"none"});
    for (const std::string option : {"--phrase -1", "--phrases 0", "--phrases 1025", "--model solo", "--seed x"}) {
        CAPTURE(option);
        const Outcome outcome = command(smallest + option + outputs);
        CHECK(outcome.exit_code == 2);
        CHECK(outcome.output.starts_with("musegan: [" + option.substr(0, option.find(' ')) + "] "));
    }
    CHECK(std::filesystem::is_empty(folder.path()));
    // A page that is there stays as it is.
    support::write_text(folder / "new.html", "a page of mine");
    check_refused(smallest + "--critic bass" + outputs, {"a critic of bass"});
    CHECK(support::read_text(folder / "new.html") == "a page of mine");
    CHECK(folder.files() == 1);
}

TEST_CASE("explain --precisions: a table of gradients, the same on any number of threads, and nothing else") {
    const std::string text = printed(smallest + "--phrases 2 --precisions");
    CHECK(text.starts_with("Gradients of a critic update of composer"));
    for (const char* part : {"phrases 0 to 1 of a song by rule", "f32", "| ", "\nall "}) CHECK(says(text, part));
    CHECK(sections(text).empty());
    const std::size_t table = text.find("\nparameter ");
    REQUIRE(table != std::string::npos);
    const std::string again = printed(explain + "--threads 2 --width 0.015625 --phrases 2 --precisions");
    CHECK(again.substr(again.find("\nparameter ")) == text.substr(table));
    for (const char* option : {" --ways", " --html x.html", " --dot x.dot"})
        check_usage_error(smallest + "--precisions" + option, {"[--precisions]", "prints a table alone"});
}

TEST_CASE("explain: more memory than there is is refused at once, with how much it takes and how much is there") {
    const auto start = std::chrono::steady_clock::now();
    const Outcome outcome = command(explain + "--phrases 1024 --width 16 --steps-per-beat 24");
    support::check_failed(
        outcome, 1, {"[explain] the values of the update take ", " GiB, ", "expected a smaller --width or --phrases"});
    const std::size_t take = outcome.output.find("take "), are = outcome.output.find("GiB, ");
    REQUIRE(take != std::string::npos);
    REQUIRE(are != std::string::npos);
    CHECK(std::stod(outcome.output.substr(take + 5)) > 1000);
    CHECK(std::stod(outcome.output.substr(are + 5)) > 0);
    // Filling as many phrases alone would take longer.
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}
