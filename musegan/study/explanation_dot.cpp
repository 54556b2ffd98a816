#include "musegan/study/explanation_dot.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>
#include <vector>

#include "musegan/study/explanation_text.hpp"
#include "musegan/study/formula.hpp"

namespace musegan {

namespace {

/// A quoted string of the DOT language, on one line whatever a name holds.
std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : one_line(text)) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + "\"";
}

/// Lines of a label; each is escaped by itself.
std::string label(const std::vector<std::string>& lines) {
    std::string result;
    for (const std::string& line : lines) {
        const std::string text = quoted(line);
        result += (result.empty() ? "" : "\\n") + text.substr(1, text.size() - 2);
    }
    return "\"" + result + "\"";
}

struct Look {
    const char *shape, *colour;
};

/// After Okabe and Ito, light enough for black text; shapes say the same.
Look look_of(Stage stage) {
    switch (stage) {
        case Stage::forward: return {"box", "#9ad0f5"};
        case Stage::gradient: return {"ellipse", "#f7b98c"};
        case Stage::second_backward: break;
    }
    return {"hexagon", "#8fd9bf"};
}

std::string step_node(std::size_t k, const ExplainedStep& step) {
    const Look look = look_of(step.stage);
    return fmt::format("  s{} [shape={}, style=filled, fillcolor=\"{}\", label={}];\n", k + 1, look.shape, look.colour,
                       label({fmt::format("{}  {}", k + 1, formula_text(step.formula)),
                              fmt::format("{}, {}", step.operation, step.shape)}));
}

}  // namespace

std::string explanation_dot(const Explanation& e) {
    std::string nodes, leaves, edges, ranks;
    std::map<std::pair<std::string, std::string>, std::size_t> leaf_of;
    std::map<std::size_t, std::string> rows;
    for (std::size_t k = 0; k < e.steps.size(); ++k) {
        const ExplainedStep& step = e.steps[k];
        nodes += step_node(k, step);
        rows[step.row] += fmt::format(" s{};", k + 1);
        for (const ExplainedOperand& operand : step.operands) {
            const char* const style = operand.decides_signs ? " [style=dashed]" : "";
            if (operand.step) {
                edges += fmt::format("  s{} -> s{}{};\n", *operand.step + 1, k + 1, style);
                continue;
            }
            const auto [leaf, is_new] = leaf_of.emplace(std::pair(operand.symbol, operand.what), leaf_of.size() + 1);
            if (is_new)
                leaves += fmt::format("  l{} [shape=plain, label={}];\n", leaf->second,
                                      label({formula_text(operand.symbol), operand.what}));
            edges += fmt::format("  l{} -> s{} [color=\"#888888\"{}];\n", leaf->second, k + 1,
                                 operand.decides_signs ? ", style=dashed" : "");
        }
    }
    for (const auto& [row, members] : rows)
        ranks += fmt::format("  subgraph cluster_{} {{ label={}; color=\"#cccccc\";{} }}\n", row,
                             quoted(row < e.rows.size() ? e.rows[row] : ""), members);
    return fmt::format(
        "// One critic update: boxes are the forward pass, ellipses the gradient, hexagons the second backward.\n"
        "digraph explanation {{\n  graph [label={}, labelloc=t, fontname=\"sans-serif\"];\n"
        "  node [fontname=\"sans-serif\", fontsize=10];\n{}{}{}{}}}\n",
        quoted(fmt::format("{} of a {}: {}", e.critic, e.model, formula_text(e.objective))), nodes, leaves, ranks,
        edges);
}

}  // namespace musegan
