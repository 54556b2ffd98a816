// The graph for Graphviz, read back by a strict reader of the few statements that it is made of.
#include "musegan/study/explanation_dot.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/command.hpp"
#include "tests/support/explanation_example.hpp"
#include "tests/support/lines.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

namespace {

/// A line as words, marks and quoted strings; a string keeps its quotes and escapes. Throws std::runtime_error for a
/// string that does not end on its line, an escape that labels do not have, and any other character.
std::vector<std::string> tokens_of(const std::string& line) {
    std::vector<std::string> tokens;
    const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; };
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t begin = at;
        if (line[at] == ' ') {
            ++at;
            continue;
        }
        if (line[at] == '"') {
            for (++at; at < line.size() && line[at] != '"'; ++at) {
                if (static_cast<unsigned char>(line[at]) < 32) throw std::runtime_error("a control character: " + line);
                if (line[at] == '\\' &&
                    (++at >= line.size() || std::string("\"\\n").find(line[at]) == std::string::npos))
                    throw std::runtime_error("an escape that is none: " + line);
            }
            if (at++ >= line.size()) throw std::runtime_error("a string without an end: " + line);
        } else if (line.compare(at, 2, "->") == 0) {
            at += 2;
        } else if (is_word(line[at])) {
            while (at < line.size() && is_word(line[at]) && line.compare(at, 2, "->") != 0) ++at;
        } else if (std::string("{}[]=,;").find(line[at]) != std::string::npos) {
            ++at;
        } else {
            throw std::runtime_error("a character that belongs to nothing: " + line);
        }
        tokens.push_back(line.substr(begin, at - begin));
    }
    return tokens;
}

using Attributes = std::map<std::string, std::string>;

/// `[a=b, c=d]` from place `at` to the semicolon that ends the line.
Attributes attributes_of(const std::vector<std::string>& tokens, std::size_t at) {
    Attributes attributes;
    const auto expect = [&](bool is_so) {
        if (!is_so) throw std::runtime_error("attributes that are none, of " + tokens.front());
    };
    if (tokens.at(at) == "[") {
        do {
            expect(tokens.at(at + 2) == "=");
            expect(attributes.emplace(tokens.at(at + 1), tokens.at(at + 3)).second);
            at += 4;
        } while (tokens.at(at) == ",");
        expect(tokens.at(at) == "]");
        ++at;
    }
    expect(tokens.at(at) == ";" && at + 1 == tokens.size());
    return attributes;
}

struct Edge {
    std::string from, to;
    Attributes attributes;
};

struct Graph {
    std::string title, splines;
    std::map<std::string, Attributes> nodes;
    std::vector<Edge> edges;
};

/// One statement per line; nodes before edges that name them. Throws std::runtime_error or
/// std::out_of_range for anything else.
Graph read_dot(const std::string& text) {
    const std::vector<std::string> lines = support::lines_of(text);
    Graph graph;
    const auto expect = [](bool is_so, const std::string& what) {
        if (!is_so) throw std::runtime_error(what);
    };
    expect(text.ends_with("\n") && lines.size() >= 4, "a text that is cut off");
    expect(lines[0].starts_with("// ") && lines[1] == "digraph explanation {" && lines.back() == "}", "no digraph");
    for (std::size_t k = 2; k + 1 < lines.size(); ++k) {
        const std::vector<std::string> tokens = tokens_of(lines[k]);
        if (tokens.at(0) == "graph") {
            const Attributes attributes = attributes_of(tokens, 1);
            expect(attributes.at("layout") == "neato" && attributes.at("inputscale") == "72", "places of no use");
            graph.title = attributes.at("label");
            graph.splines = attributes.at("splines");
        } else if (tokens[0] == "node") {
            attributes_of(tokens, 1);
        } else if (tokens.at(1) == "->") {
            expect(graph.nodes.contains(tokens[0]) && graph.nodes.contains(tokens.at(2)), "an end without a node");
            graph.edges.push_back({tokens[0], tokens[2], attributes_of(tokens, 3)});
        } else {
            expect(graph.nodes.emplace(tokens[0], attributes_of(tokens, 1)).second, "a node twice: " + tokens[0]);
        }
    }
    return graph;
}

std::string node_of(std::size_t step) { return "s" + std::to_string(step + 1); }
std::string name_of_row(std::size_t row) { return "r" + std::to_string(row); }

struct Place {
    double x = 0, y = 0;
};

/// `"12,-34!"`: points, which Graphviz has to keep.
Place place_of(const Graph& graph, const std::string& node) {
    const std::string text = graph.nodes.at(node).at("pos");
    const std::size_t comma = text.find(',');
    REQUIRE(comma != std::string::npos);
    REQUIRE(text.ends_with("!\""));
    return {std::stod(text.substr(1)), std::stod(text.substr(comma + 1))};
}

/// No two nodes in one place; rows from the top down, and in each the forward pass and the second backward downwards,
/// the gradient upwards, each stage in columns of its own.
void check_places(const Explanation& e, const Graph& graph) {
    std::set<std::pair<double, double>> places;
    for (const auto& [node, attributes] : graph.nodes) {
        const Place place = place_of(graph, node);
        places.emplace(place.x, place.y);
    }
    CHECK(places.size() == graph.nodes.size());
    std::map<double, UpdateStage> stage_of_column;
    for (std::size_t k = 0; k < e.steps.size(); ++k) {
        CAPTURE(k);
        const Place place = place_of(graph, node_of(k));
        CHECK(stage_of_column.emplace(place.x, e.steps[k].stage).first->second == e.steps[k].stage);
        CHECK(place.x > place_of(graph, name_of_row(e.steps[k].row)).x);
        for (std::size_t j = 0; j < k; ++j) {
            const Place earlier = place_of(graph, node_of(j));
            if (e.steps[j].row != e.steps[k].row) {
                CHECK((e.steps[j].row < e.steps[k].row) == (earlier.y > place.y));
            } else if (earlier.x == place.x) {
                CHECK((e.steps[k].stage == UpdateStage::gradient) == (earlier.y < place.y));
            }
        }
    }
}

/// Everything that is written is there, and nothing else.
void check_graph(const Explanation& e) {
    const Graph graph = read_dot(explanation_dot(e));
    std::size_t edge = 0;
    std::map<std::string, std::string> leaves;
    std::set<std::size_t> rows;
    for (std::size_t k = 0; k < e.steps.size(); ++k) {
        CAPTURE(k);
        const ExplainedStep& step = e.steps[k];
        REQUIRE(graph.nodes.contains(node_of(k)));
        const char* const shape = step.stage == UpdateStage::forward    ? "box"
                                  : step.stage == UpdateStage::gradient ? "ellipse"
                                                                        : "hexagon";
        CHECK(graph.nodes.at(node_of(k)).at("shape") == shape);
        rows.insert(step.row);
        for (const ExplainedOperand& operand : step.operands) {
            REQUIRE(edge < graph.edges.size());
            const Edge& drawn = graph.edges[edge++];
            CHECK(drawn.to == node_of(k));
            if (operand.step) CHECK(drawn.from == node_of(*operand.step));
            else CHECK(drawn.from.starts_with("l"));
            const bool is_dashed = drawn.attributes.contains("style") && drawn.attributes.at("style") == "dashed";
            CHECK(is_dashed == operand.decides_signs);
            if (!operand.step) leaves[operand.symbol + "\n" + operand.what] = drawn.from;
        }
    }
    CHECK(edge == graph.edges.size());
    CHECK(graph.nodes.size() == e.steps.size() + leaves.size() + rows.size());
    std::set<std::string> nodes_of_leaves;
    for (const auto& [leaf, node] : leaves) nodes_of_leaves.insert(node);
    CHECK(nodes_of_leaves.size() == leaves.size());  // one node each, however often it is read
    for (const std::size_t row : rows) {
        REQUIRE(graph.nodes.contains(name_of_row(row)));
        CHECK(graph.nodes.at(name_of_row(row)).at("shape") == "plain");
    }
    check_places(e, graph);
}

}  // namespace

TEST_CASE(
    "explanation dot: a node per step, an edge per operand, dashed where it decides signs, rows from the top down") {
    for (const int heads : {1, 2, 5}) {
        CAPTURE(heads);
        check_graph(support::example_explanation(heads));
    }
    const Explanation e = support::example_explanation();
    const Graph graph = read_dot(explanation_dot(e));
    CHECK(graph.title ==
          R"("critic of a composer: L = E(D(y)) - E(D(x)) + lambda E((|grad D(x^)| - 1)^2)\nboxes: forward; )"
          R"(ellipses: gradient; hexagons: second backward; dashed: decides signs only")");
    CHECK(graph.nodes.at("s2").at("label") == R"("2  z1 = F(x^, w1) + b1\nconv3d\n1 x 32 x 24 x 21 x 5")");
    CHECK(graph.nodes.at("l4").at("label") == R"("w1\nweights of critic.conv1")");
    CHECK(graph.nodes.at("r0").at("label") == R"("penalty")");
    CHECK(graph.nodes.at("r5").at("label") == R"("score")");
    CHECK_FALSE(graph.nodes.contains("r6"));
    // x^ and what the first layer makes of it, above each other; its gradient and what comes of it to the right.
    CHECK(place_of(graph, "s1").x == place_of(graph, "s2").x);
    CHECK(place_of(graph, "l1").x < place_of(graph, "s1").x);
    // A weight's gradient stands right of the cotangent that goes on from there.
    CHECK(e.steps[17].parameter.has_value());
    CHECK(place_of(graph, "s18").x > place_of(graph, "s19").x);
    CHECK(place_of(graph, "s18").y == place_of(graph, "s19").y);
    CHECK(std::ranges::count_if(graph.edges, [](const Edge& edge) { return edge.attributes.contains("style"); }) == 4);
}

TEST_CASE("explanation dot: a mask's reference that no step made is dashed, too") {
    Explanation e = support::example_explanation();
    e.steps[8].operands[1].step.reset();
    check_graph(e);
    const std::vector<Edge> edges = read_dot(explanation_dot(e)).edges;
    const auto leaf = std::ranges::find_if(
        edges, [](const Edge& edge) { return edge.from.starts_with("l") && edge.attributes.contains("style"); });
    REQUIRE(leaf != edges.end());
    CHECK(leaf->to == "s9");
    CHECK(leaf->attributes.at("color") == "\"#888888\"");
}

TEST_CASE("explanation dot: hostile names stay inside their strings") {
    using namespace std::string_literals;
    for (const std::string& name : {"a\"]; evil -> s1; \""s, "back\\"s, "\\\""s, "two\nlines"s, "\\n\\l\\N"s,
                                    "nul\0 and \x1b"s, "/* no comment */ // none"s, "<b>bold</b>"s, ""s}) {
        CAPTURE(name);
        const Explanation e = support::hostile_explanation(name);
        check_graph(e);
        CHECK(read_dot(explanation_dot(e)).nodes.size() ==
              read_dot(explanation_dot(support::hostile_explanation("name"))).nodes.size());
    }
    const Graph graph = read_dot(explanation_dot(support::hostile_explanation("a\\n\"\n")));
    CHECK(graph.nodes.at("r0").at("label") == R"("a\\n\" ")");
    CHECK(graph.nodes.at("s3").at("label").ends_with(R"(\na\\n\" \na\\n\" ")"));
}

TEST_CASE("explanation dot: one step, a row without a name, and nothing") {
    Explanation e;
    e.steps.resize(1);
    e.steps[0].formula = "x^";
    e.steps[0].row = 7;
    check_graph(e);
    const Graph one = read_dot(explanation_dot(e));
    CHECK(one.nodes.at("s1").at("label") == R"("1  x^\n\n")");
    CHECK(one.nodes.at("r7").at("label") == "\"\"");
    check_graph(Explanation{});
}

TEST_CASE(
    "explanation dot: what is added to a weight's gradient stands beyond it, and what it is added to farther still") {
    Explanation e = support::example_explanation();
    ExplainedStep sum = e.steps[17];
    sum.parameter.reset();
    sum.operands = {{"dP/dw_{1}", "result of step 18", sum.shape, 17},
                    {"dS/dw_{1}", "what the terms of the scores gave", sum.shape, std::nullopt}};
    e.steps.push_back(sum);
    check_graph(e);
    const Graph graph = read_dot(explanation_dot(e));
    const Place place = place_of(graph, node_of(e.steps.size() - 1));
    CHECK(place.x > place_of(graph, "s18").x);
    CHECK(place.y == place_of(graph, "s18").y);
    CHECK(place_of(graph, graph.edges.back().from).x > place.x);
}

TEST_CASE("explanation dot: edges go straight where there are too many nodes to go around") {
    CHECK(read_dot(explanation_dot(support::example_explanation(1))).splines == "true");
    const Explanation large = support::example_explanation(10);
    REQUIRE(large.steps.size() > 150);
    check_graph(large);
    CHECK(read_dot(explanation_dot(large)).splines == "line");
}

TEST_CASE("explanation dot: Graphviz draws it where it says") {
    if (support::shell("command -v dot >/dev/null").exit_code != 0)
        SKIP_TEST("no dot, which graphs are drawn with (package graphviz)");
    const support::TemporaryFolder folder;
    for (const std::string name : {"weights", "a\"]; evil -> s1; \"", "back\\", "two\nlines \\N \\l"}) {
        CAPTURE(name);
        const Explanation e = support::hostile_explanation(name);
        support::write_text(folder / "graph.dot", explanation_dot(e));
        const support::Outcome drawn = support::shell("dot -Tplain " + support::quoted(folder / "graph.dot") + " 2>&1");
        CAPTURE(drawn.output);
        CHECK(drawn.exit_code == 0);
        CHECK_FALSE(drawn.says("Warning"));
        CHECK_FALSE(drawn.says("Error"));
        // A line per node and per edge.
        const Graph graph = read_dot(explanation_dot(e));
        std::size_t nodes = 0, edges = 0;
        Place origin;
        for (const std::string& line : support::lines_of(drawn.output)) {
            nodes += line.starts_with("node ");
            edges += line.starts_with("edge ");
            if (!line.starts_with("node s")) continue;
            // "node NAME X Y ...", in inches from the lower left: from the first step on as in the text.
            std::istringstream words(line.substr(5));
            std::string node;
            Place place;
            words >> node >> place.x >> place.y;
            const Place stated = place_of(graph, node), first = place_of(graph, "s1");
            if (node == "s1") origin = {place.x - first.x / 72, place.y - first.y / 72};
            CHECK(std::abs(place.x - origin.x - stated.x / 72) < 0.02);
            CHECK(std::abs(place.y - origin.y - stated.y / 72) < 0.02);
        }
        CHECK(nodes == graph.nodes.size());
        CHECK(edges == graph.edges.size());
    }
}
