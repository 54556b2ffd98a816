#include "musegan/pages/explanation_page.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "musegan/pages/explanation_data.hpp"
#include "musegan/pages/page.hpp"
#include "musegan/study/formula.hpp"
#include "tensor/error.hpp"
#include "tests/support/explanation_example.hpp"
#include "tests/support/markup.hpp"

using namespace musegan;
using nlohmann::json;

namespace {

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
    const std::size_t found = text.find(begin);
    REQUIRE(found != std::string::npos);
    const std::size_t start = found + begin.size();
    return text.substr(start, text.find(end, start) - start);
}

/// The data of a page, as its script reads them.
json island(const std::string& page) {
    return json::parse(between(page, "<script type=\"application/json\" id=\"data\">", "</script>"));
}

/// What C++ has written into the page, without its head and scripts.
std::string main_of(const std::string& page) { return between(page, "<main class=\"width\">", "</main>"); }

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::vector<int> bytes_of(const std::string& base64) {
    const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::vector<int> bytes;
    unsigned bits = 0;
    int count = 0;
    for (const char letter : base64) {
        if (letter == '=') break;
        bits = bits << 6 | static_cast<unsigned>(letters.find(letter));
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes.push_back(static_cast<int>(bits >> count & 255));
    }
    return bytes;
}

}  // namespace

TEST_CASE("explanation page: the data have every step, operand and parameter") {
    const Explanation explanation = support::example_explanation();
    const json data = island(explanation_page(explanation));
    CHECK(data.at("rows").get<std::vector<std::string>>() == explanation.rows);
    CHECK(data.at("tracks").get<std::vector<std::string>>() == explanation.tracks);
    CHECK(data.at("stages") == json{"forward", "gradient", "second backward"});
    CHECK(data.at("terms") == json{"generated", "real", "penalty"});
    REQUIRE(data.at("steps").size() == explanation.steps.size());
    for (std::size_t k = 0; k < explanation.steps.size(); ++k) {
        const ExplainedStep& step = explanation.steps[k];
        const json& entry = data.at("steps").at(k);
        CHECK(entry.at("stage") == static_cast<int>(step.stage));
        CHECK(entry.at("row") == step.row);
        CHECK(entry.at("operator") == step.operation);
        CHECK(entry.at("formula") == formula_text(step.formula));
        CHECK(entry.at("norm") == step.norm);
        CHECK(entry.at("share").is_null() == !step.parameter.has_value());
        REQUIRE(entry.at("operands").size() == step.operands.size());
        for (std::size_t j = 0; j < step.operands.size(); ++j) {
            const json& operand = entry.at("operands").at(j);
            CHECK(operand.at("step").is_null() == !step.operands[j].step.has_value());
            if (step.operands[j].step) CHECK(operand.at("step") == *step.operands[j].step);
            CHECK(operand.at("decidesSigns") == step.operands[j].decides_signs);
        }
    }
    REQUIRE(data.at("parameters").size() == explanation.parameters.size());
    const json& second = data.at("parameters").at(1);
    CHECK(second.at("name") == "critic.conv1.bias");
    CHECK(second.at("shares").get<std::array<double, 3>>() == explanation.parameters[1].shares);
    CHECK(second.at("norms").get<std::array<double, 3>>() == explanation.parameters[1].norms);
    CHECK(second.at("isReached") == false);
}

TEST_CASE("explanation page: coarse values are their own within half a step, and say what is no number") {
    const CoarseValues whole = coarse_values({0, 1, 2, 254, 127}, false);
    CHECK(whole.scale == 254);
    CHECK(bytes_of(whole.base64) == std::vector{0, 1, 2, 254, 127});
    const CoarseValues both = coarse_values({-127, 0, 1, 127, 63}, true);
    CHECK(both.scale == 127);
    CHECK(bytes_of(both.base64) == std::vector{0, 127, 128, 254, 190});
    const float none = std::numeric_limits<float>::quiet_NaN(), far = std::numeric_limits<float>::infinity();
    CHECK(bytes_of(coarse_values({none, 3, -far}, true).base64) == std::vector{255, 254, 255});
    CHECK(bytes_of(coarse_values({0, 0}, true).base64) == std::vector{127, 127});
    CHECK(bytes_of(coarse_values({0, none}, false).base64) == std::vector{0, 255});
    CHECK(coarse_values({}, false).base64.empty());
    CHECK(coarse_values({1, 1, 1}, false).base64 == "/v7+");
    CHECK(coarse_values({1, 1}, false).base64 == "/v4=");
    CHECK(coarse_values({1}, false).base64 == "/g==");
}

TEST_CASE("explanation page: maps are in the page cell by cell") {
    const Explanation explanation = support::example_explanation(1, {24, 12, 3});
    const json maps = island(explanation_page(explanation)).at("maps");
    REQUIRE(maps.size() == 2);
    for (std::size_t k = 0; k < maps.size(); ++k) {
        const ExplainedMap& map = explanation.maps[k];
        const std::vector<int> bytes = bytes_of(maps.at(k).at("bytes"));
        const double scale = maps.at(k).at("scale");
        REQUIRE(bytes.size() == 24 * 12 * 3);
        double largest = 0;
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            const double value = map.is_signed ? (bytes[at] - 127) / 127.0 * scale : bytes[at] / 254.0 * scale;
            largest = std::max(largest, std::abs(value - static_cast<double>(map.values[at])));
        }
        CHECK(largest > 0);
        CHECK(largest <= scale * (map.is_signed ? 0.5 / 127 : 0.5 / 254) * 1.0001);
    }
}

TEST_CASE("explanation page: words and formulas are there without a script, and the markup is well formed") {
    const Explanation explanation = support::example_explanation();
    const std::string text = main_of(explanation_page(explanation));
    CHECK(support::fault_of_markup(text) == "");
    for (std::size_t k = 0; k < explanation.steps.size(); ++k) {
        const ExplainedStep& step = explanation.steps[k];
        const std::string card = between(text, "id=\"step-" + std::to_string(k + 1) + "\">", "</details></li>");
        CHECK(has(card, formula_mathml(step.formula)));
        CHECK(has(card, "<template>" + formula_mathml(step.symbol) + "</template>"));
        CHECK(has(card, escape_html(step.meaning)));
        for (const ExplainedOperand& operand : step.operands) {
            CHECK(has(card, formula_mathml(operand.symbol)));
            if (operand.step) CHECK(has(card, "<a href=\"#step-" + std::to_string(*operand.step + 1) + "\">"));
        }
        for (const ExplainedCheck& check : step.checks) CHECK(has(card, formula_mathml(check.number)));
        if (step.code)
            CHECK(has(card, "<a href=\"#code-" + std::to_string(*step.code + 1) + "\">autograd/conv3d.cpp:"));
        CHECK(has(card, "of the whole gradient") == step.parameter.has_value());
    }
    CHECK(has(text, "<code>" + escape_html(explanation.code[1].text) + "</code>"));
    CHECK(has(text, formula_mathml(explanation.objective)));
    for (const Lesson& lesson : explanation.lessons) {
        CHECK(has(text, "<h3>" + escape_html(lesson.question) + "</h3>"));
        for (const std::string& answer : lesson.answer) CHECK(has(text, "<p>" + escape_html(answer) + "</p>"));
    }
    for (const ExplainedWay& way : explanation.ways->ways) CHECK(has(text, escape_html(way.text)));
    CHECK(has(text, "22.53 TFLOP"));
    CHECK(has(text, "above 1: the penalty pushes it down"));
    CHECK(has(text, explanation.real));
}

TEST_CASE("explanation page: of many directions those are kept in which the ways differ most") {
    Explanation explanation = support::example_explanation();
    explanation.ways->directions.clear();
    for (int k = 0; k < 1000; ++k)
        explanation.ways->directions.push_back({"critic.conv1.weight", {1, 1, 1 + 1e-6 * (k % 5)}});
    const json ways = island(explanation_page(explanation)).at("ways");
    CHECK(ways.at("all") == 1000);
    REQUIRE(ways.at("directions").size() == shown_directions);
    for (std::size_t k = 0; k < shown_directions; ++k) {
        const json& direction = ways.at("directions").at(k);
        CHECK(direction.at("place") == 5 * k + 5);
        CHECK(direction.at("differences").at(2).get<double>() == doctest::Approx(4e-6));
        CHECK(direction.at("differences").at(1) == 0);
    }
}

TEST_CASE("explanation page: a difference from a first way that is 0 is none, unless both are") {
    Explanation explanation = support::example_explanation();
    explanation.ways->directions = {{"w", {0, 0, 1e-9}}, {"w", {2, -2, 1}}};
    const json directions = island(explanation_page(explanation)).at("ways").at("directions");
    CHECK(directions.at(0).at("differences") == json{0.0, 0.0, nullptr});
    CHECK(directions.at(1).at("differences") == json{0.0, 2.0, 0.5});
}

TEST_CASE("explanation page: of several phrases the figures are means, and the table has each") {
    Explanation explanation = support::example_explanation();
    explanation.slope = {0.5, 1.5};
    explanation.alpha = {0.25, 0.75};
    explanation.score = {1, 4};
    const std::string text = main_of(explanation_page(explanation));
    CHECK(has(text, "<dt>Slope</dt><dd>1.00 <small>mean of 2 phrases; some above 1, some below</small></dd>"));
    CHECK(has(text, "<dt>Score of x\u0302</dt><dd>2.50 <small>mean of 2 phrases; "));
    const std::string table = between(text, "<caption>Each phrase</caption>", "</table>");
    CHECK(has(table, "<tr><td class=\"number\">2</td><td class=\"number\">0.750</td>"));
    CHECK(has(table, "<td class=\"number\">0.500</td><td class=\"number\">2.50</td></tr>"));  // 10 (0.5 - 1)^2
}

TEST_CASE("explanation page: without ways there is no such section") {
    Explanation explanation = support::example_explanation();
    explanation.ways.reset();
    const std::string page = explanation_page(explanation);
    CHECK(island(page).at("ways").is_null());
    CHECK_FALSE(has(page, "href=\"#ways\""));
    CHECK(has(explanation_page(support::example_explanation()), "href=\"#ways\""));
}

TEST_CASE("explanation page: hostile names come nowhere but as text") {
    const std::string name = "</script><script>alert(1)</script><img src=x onerror=y><!--\u2028'\\ & {title}";
    const std::string page = explanation_page(support::hostile_explanation(name));
    CHECK_FALSE(has(page, "<script>"));
    CHECK_FALSE(has(page, "<img"));
    CHECK(support::fault_of_markup(main_of(page)) == "");
    CHECK(has(main_of(page), escape_html(name)));
    const json data = island(page);
    CHECK(data.at("steps").at(3).at("layer") == name);
    CHECK(data.at("maps").at(0).at("title") == name);
    CHECK(data.at("parameters").at(2).at("name") == name);
    const std::string bytes = "\xff\xfe\x01";
    Explanation broken = support::example_explanation(1, {12, 8, 2});
    broken.steps[0].layer = broken.rows[1] = bytes;
    CHECK(island(explanation_page(broken)).at("rows").at(1) == "\ufffd\ufffd\x01");
}

TEST_CASE("explanation page: its scripts put in text, never markup") {
    const std::string page = explanation_page(support::example_explanation());
    for (const char* way : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser",
                            "setHTML", "createContextualFragment", "https:", "src=", "url(", "fetch("})
        CHECK_MESSAGE(!has(page, way), way);
}

TEST_CASE("explanation page: a formula outside of the notation is an error") {
    Explanation explanation = support::example_explanation();
    explanation.steps[4].formula = "h_{2} = phi(z_{2}";
    CHECK_THROWS_WITH_AS(explanation_page(explanation), "[formula] '(' at 12 of 'h_{2} = phi(z_{2}' is not closed",
                         tensor::Error);
}

TEST_CASE("explanation page: the same explanation gives the same bytes, and none is a page as well") {
    CHECK(explanation_page(support::example_explanation()) == explanation_page(support::example_explanation()));
    const std::string page = explanation_page({});
    CHECK(island(page).at("steps").empty());
    CHECK(support::fault_of_markup(main_of(page)) == "");
}

TEST_CASE("explanation page: what is no number is null in the data and nothing in words") {
    Explanation explanation = support::example_explanation();
    explanation.steps[0].norm = explanation.parameters[0].shares[2] = std::numeric_limits<double>::quiet_NaN();
    const json data = island(explanation_page(explanation));
    CHECK(data.at("steps").at(0).at("norm").is_null());
    CHECK(data.at("parameters").at(0).at("shares").at(2).is_null());
}

TEST_CASE("explanation page: at full width and with hundreds of steps it stays below a few megabytes") {
    const Explanation explanation = support::example_explanation(24, {384, 84, 5});
    CHECK(explanation.steps.size() > 400);
    CHECK(explanation_page(explanation).size() < 3'000'000);
}
