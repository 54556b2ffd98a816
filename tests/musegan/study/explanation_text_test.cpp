// The walk on a terminal: its sections, its lines, and names that would like to be more than names.
#include "musegan/study/explanation_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/explanation_example.hpp"
#include "tests/support/lines.hpp"

using namespace musegan;
using support::lines_of;

namespace {

bool has_line(const std::string& text, const std::string& line) {
    const std::vector<std::string> lines = lines_of(text);
    return std::ranges::find(lines, line) != lines.end();
}

/// The lines that begin with a number and a point: "1. The point".
std::vector<std::string> sections(const std::string& text) {
    std::vector<std::string> found;
    for (const std::string& line : lines_of(text))
        if (line.size() > 3 && line[0] >= '1' && line[0] <= '9' && line.substr(1, 2) == ". ") found.push_back(line);
    return found;
}

/// Longer than it may be: a line of several words, the blanks in front of it aside.
std::vector<std::string> lines_too_long(const std::string& text) {
    std::vector<std::string> found;
    for (const std::string& line : lines_of(text)) {
        const std::size_t begin = line.find_first_not_of(' ');
        if (line.size() > explanation_columns && line.find(' ', begin) != std::string::npos) found.push_back(line);
    }
    return found;
}

/// Control characters but for line ends.
std::ptrdiff_t controls(const std::string& text) {
    return std::ranges::count_if(text,
                                 [](char c) { return c != '\n' && (static_cast<unsigned char>(c) < 32 || c == 127); });
}

const std::vector<std::string> all_sections{"1. The point",
                                            "2. Forward: the score, layer by layer",
                                            "3. The gradient by the phrase, layer by layer back",
                                            "4. The second backward: the gradient of the penalty by the weights",
                                            "5. What each term of the loss does to the weights",
                                            "6. Questions",
                                            "7. The same derivative in several ways"};

}  // namespace

TEST_CASE("explanation text: seven sections in order, and no line of more than 100 columns") {
    for (const int heads : {1, 3}) {
        CAPTURE(heads);
        const Explanation e = support::example_explanation(heads);
        const std::string text = explanation_text(e);
        CHECK(sections(text) == all_sections);
        CHECK(lines_too_long(text) == std::vector<std::string>{});
        CHECK(controls(text) == 0);
        CHECK(text.ends_with("All of it took 0.84 s.\n"));
    }
    Explanation short_one = support::example_explanation();
    short_one.lessons.clear();
    short_one.ways.reset();
    CHECK(sections(explanation_text(short_one)) == std::vector(all_sections.begin(), all_sections.begin() + 5));
}

TEST_CASE("explanation text: a step's line has its number, layer, formula, shape and norm, and below it how it ran") {
    Explanation e = support::example_explanation();
    e.steps[1].norm = 7.15934;
    e.steps[17].norm = 0.0012345678;
    const std::string text = explanation_text(e);
    CHECK(has_line(text,
                   "     layer                  formula                                                shape"
                   "        norm"));
    CHECK(has_line(text,
                   "  2  conv1                  z1 = F(x^, w1) + b1                     1 x 32 x 24 x 21 x 5"
                   "      7.1593"));
    CHECK(has_line(text, "     conv3d: 3 products of 672 x 128 x 64"));
    CHECK(has_line(text,
                   " 18  conv1                  dP/dw1 = B(q, v1)                        32 x 32 x 4 x 4 x 1"
                   "   0.0012346"));
    // The check that the complex step made, and the share; the reference operators' differences come at the end.
    CHECK(has_line(text, "     <dP/dw1, v> = -0.0413, and -0.0413 by the complex step: 2.0e-15 apart"));
    CHECK(has_line(text, "     62.0 % of the loss's whole gradient of critic.conv1.weight"));
    CHECK(text.find("reference operators") == text.find("reference operators: 3.0e-07."));
    // Nothing carried a product out but itself: no colon without words behind it.
    CHECK(has_line(text, "     interpolate"));
    CHECK(has_line(text, "     norm, called by the rule of mean"));
    CHECK(has_line(text, "  slope = 1.73; P = 5.329"));
    CHECK(has_line(text, "  D(x^) = -0.317"));
}

TEST_CASE("explanation text: a formula too long for its column has a line of its own, and shape and norm the next") {
    Explanation e = support::example_explanation();
    const std::string fits = "z = F(x^, w) + " + std::string(17, 'b');  // 32 columns
    e.steps[1].norm = 7.15934;
    e.steps[1].formula = fits;
    CHECK(has_line(explanation_text(e),
                   "  2  conv1                  " + fits + "        1 x 32 x 24 x 21 x 5      7.1593"));
    e.steps[1].formula = fits + "b";
    const std::vector<std::string> lines = lines_of(explanation_text(e));
    const auto line = std::ranges::find(lines, "  2  conv1                  " + fits + "b");
    REQUIRE(line != lines.end());
    CHECK(*(line + 1) == std::string(68, ' ') + "1 x 32 x 24 x 21 x 5      7.1593");
}

TEST_CASE("explanation text: formulas and shapes of any length keep to 100 columns") {
    for (const std::size_t words : {7, 8, 9, 10, 11, 60}) {
        CAPTURE(words);
        Explanation e = support::example_explanation();
        std::string sum = "z_{1} = a";
        for (std::size_t k = 0; k < words; ++k) sum += " + t_{123}";
        e.steps[1].formula = sum;
        e.steps[2].shape = "1000 x 1000 x 1000 x 1000 x";
        for (std::size_t k = 0; k < words; ++k) e.steps[3].shape += " x 100000";
        const std::string text = explanation_text(e);
        CHECK(lines_too_long(text) == std::vector<std::string>{});
        CHECK(sections(text) == all_sections);
        // 28 columns stand in front of a formula; one that has no room behind them begins on the next line.
        CHECK(has_line(text, "  2  conv1") == (28 + 6 + 7 * words > explanation_columns));
    }
}

TEST_CASE("explanation text: a meaning is told once, where it is met first") {
    Explanation e = support::example_explanation();
    const std::string text = explanation_text(e);
    const std::string meaning = "     The layer's convolution and its bias.";
    const std::vector<std::string> lines = lines_of(text);
    CHECK(std::ranges::count(lines, meaning) == 1);
    const auto met = std::ranges::find(lines, meaning);
    REQUIRE(met > lines.begin());
    CHECK((met - 1)->starts_with("  2  conv1  "));
    CHECK(*(met + 1) == "     conv3d: 3 products of 672 x 128 x 64");
    e.steps[3].meaning = "Another one.";
    CHECK(has_line(explanation_text(e), "     Another one."));
}

TEST_CASE("explanation text: two numbers that are equal are not said to be 0 apart") {
    Explanation e = support::example_explanation();
    e.steps[17].checks[0] = {"<dP/dw_{1}, v>", "complex step", 0.25, 0.25, 0};
    CHECK(has_line(explanation_text(e), "     <dP/dw1, v> = 0.25, and 0.25 by the complex step: equal"));
}

TEST_CASE("explanation text: the second backward ends with the length of what it found") {
    Explanation e = support::example_explanation();
    e.parameters.resize(2);
    e.parameters[0].norms[2] = 3;
    e.parameters[1].norms[2] = 4;
    e.parameters[0].norm = 5;
    e.parameters[1].norm = 12;
    for (ExplainedStep& step : e.steps) step.parameter.reset();
    CHECK(has_line(explanation_text(e),
                   "  |dP/dw| = 5 over all weights and biases; |dL/dw| = 13 with the scores' terms"));
}

TEST_CASE("explanation text: facts are names and values in two columns, and long ones are wrapped") {
    Explanation e = support::example_explanation();
    e.lessons[0].facts = {{"short", "-1.25"}, {"a longer name: <h, g>", "-1.25"}};
    std::string text = explanation_text(e);
    CHECK(has_line(text, "    short ................. -1.25"));
    CHECK(has_line(text, "    a longer name: <h, g> . -1.25"));
    e.lessons[0].facts = {{std::string(74, 'a'), "1"},
                          {std::string(75, 'b'), "2"},
                          {"c", std::string(19, '3')},
                          {"d", std::string(20, '4')}};
    text = explanation_text(e);
    CHECK(has_line(text, "    " + std::string(74, 'a') + " . 1"));
    CHECK(has_line(text, "    " + std::string(75, 'b') + ": 2"));
    CHECK(has_line(text, "    c " + std::string(74, '.') + " " + std::string(19, '3')));
    CHECK(has_line(text, "    d: " + std::string(20, '4')));
}

TEST_CASE("explanation text: parameters without a path say so instead of 0") {
    const std::string text = explanation_text(support::example_explanation());
    CHECK(has_line(text, "  critic.conv1.bias           32         1.1      65.0 %      35.0 %     no path"));
    CHECK(has_line(text, "  critic.conv2.weight      16384      0.7333      88.0 %      40.0 %     -28.0 %"));
    Explanation reached = support::example_explanation();
    reached.parameters[1].is_reached = true;
    CHECK(has_line(explanation_text(reached),
                   "  critic.conv1.bias           32         1.1      65.0 %      35.0 %       0.0 %"));
}

TEST_CASE("explanation text: a way without a number for a direction has none, and many directions are counted") {
    Explanation e = support::example_explanation();
    ExplainedWays& ways = *e.ways;
    ways.directions[1].values[2] = std::numeric_limits<double>::quiet_NaN();
    CHECK(has_line(explanation_text(e), "  critic.conv1.bias           -0.06       2.0e-15                 none"));
    CHECK(explanation_text(e).find("nan") == std::string::npos);
    CHECK(explanation_text(e).find(" more\n") == std::string::npos);
    ways.directions.resize(23, ways.directions[0]);
    const std::string text = explanation_text(e);
    CHECK(has_line(text, "  ... and 3 more"));
    const std::vector<std::string> lines = lines_of(text);
    const auto header =
        std::ranges::find(lines, "  direction within       <dP/dw, v>  complex step  central differences");
    REQUIRE(header != lines.end());
    CHECK(std::ranges::find(header, lines.end(), "  ... and 3 more") - header == 21);
}

TEST_CASE("explanation text: of many phrases four are written out, with their number and mean") {
    Explanation e = support::example_explanation();
    e.alpha = {0.5, 0.25, 0.125, 1};
    e.slope = {1, 2, 3, 4, 7};
    e.score = std::vector<double>(64, -0.5);
    const std::string text = explanation_text(e);
    CHECK(has_line(text, "  alpha               0.5, 0.25, 0.125, 1"));
    CHECK(has_line(text, "  slope = 1, 2, 3, 4, ... (5 phrases, mean 3.4); P = 5.329"));
    CHECK(has_line(text, "  D(x^) = -0.5, -0.5, -0.5, -0.5, ... (64 phrases, mean -0.5)"));
    // Long numbers leave room for fewer.
    e.fake_score = std::vector<double>(1000, -0.000123456);
    e.slope = std::vector<double>(1000, 1.2345678e-100);
    e.penalty = -1.2345678e-100;
    const std::string narrow = explanation_text(e);
    CHECK(lines_too_long(narrow) == std::vector<std::string>{});
    CHECK(has_line(
        narrow, "  D of the generated  -0.00012346, -0.00012346, -0.00012346, ... (1000 phrases, mean -0.00012346)"));
    CHECK(
        has_line(narrow, "  slope = 1.2346e-100, 1.2346e-100, ... (1000 phrases, mean 1.2346e-100); P = -1.2346e-100"));
}

TEST_CASE("explanation text: one track is a track") {
    CHECK(explanation_text(support::example_explanation(1, {96, 84, 1})).find("84 pitches x 1 track\n") !=
          std::string::npos);
    CHECK(explanation_text(support::example_explanation()).find("84 pitches x 5 tracks\n") != std::string::npos);
}

TEST_CASE("explanation text: hostile names stay on their lines and send nothing to the terminal") {
    const std::size_t lines = lines_of(explanation_text(support::hostile_explanation("name"))).size();
    using namespace std::string_literals;
    for (const std::string& name : {"a\nb"s, "\x1b[31m"s, "a\rb"s, "nul\0in"s, "\x7f\b\b"s, "tab\tand\vmore"s}) {
        CAPTURE(name);
        const std::string text = explanation_text(support::hostile_explanation(name));
        CHECK(controls(text) == 0);
        CHECK(lines_of(text).size() <= lines + 4);  // a name that became two words may wrap
        CHECK(sections(text) == all_sections);
    }
    // Not UTF-8, and formats of {fmt}: as they are.
    const std::string text = explanation_text(support::hostile_explanation("{} {0} \xff\xc3"));
    CHECK(text.find("real: {} {0} \xff\xc3\n") != std::string::npos);
}

TEST_CASE("explanation text: nothing to explain is an explanation, too") {
    const std::string text = explanation_text(Explanation{});
    CHECK(sections(text) == std::vector(all_sections.begin(), all_sections.begin() + 5));
    CHECK(lines_too_long(text) == std::vector<std::string>{});
}

TEST_CASE("wrapped: words of one line each, behind blanks, and a word longer than a line alone") {
    CHECK(wrapped("") == "");
    CHECK(wrapped("  one\n\ttwo  ", 3) == "   one two\n");
    const std::string half(50, 'a'), rest(49, 'b');
    CHECK(wrapped(half + " " + rest) == half + " " + rest + "\n");  // 100 columns
    CHECK(wrapped(half + " " + rest + "b") == half + "\n" + rest + "b\n");
    CHECK(wrapped(half + " " + rest, 1) == " " + half + "\n " + rest + "\n");
    const std::string whole(130, 'c');
    CHECK(wrapped("a " + whole + " b", 2) == "  a\n  " + whole + "\n  b\n");
    CHECK(one_line("a\nb\x1b") == "a b ");
    // U+009B, which begins a command as ESC [ does, and its neighbours in UTF-8; letters of two bytes stay.
    CHECK(one_line("\xc2\x9b"
                   "31m \xc2\x80\xc2\x9f") == " 31m   ");
    CHECK(one_line("\xc2\xa0\xc3\x9b\xc2") == "\xc2\xa0\xc3\x9b\xc2");
}
