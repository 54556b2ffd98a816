#include "musegan/study/explanation_dot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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

/// `broadening`: how much wider than its text a shape is.
struct Look {
    const char *shape, *colour, *edge_colour;
    double broadening;
};

/// After Okabe and Ito, light enough for black text; shapes say the same. Edges have the stage's full colour.
Look look_of(UpdateStage stage) {
    switch (stage) {
        case UpdateStage::forward: return {"box", "#9ad0f5", "#0072b2", 1.0};
        case UpdateStage::gradient: return {"ellipse", "#f7b98c", "#d55e00", 1.45};
        case UpdateStage::second_backward: break;
    }
    return {"hexagon", "#8fd9bf", "#009e73", 1.5};
}

enum Column : std::size_t { names, leaves, forward, gradient, second_backward, of_weights, sums, terms, n_columns };

struct Node {
    std::string id, attributes;
    std::vector<std::string> lines;
    std::size_t row = 0;
    Column column = names;
    double broadening = 1.0;
};

// In points, with a font of 10: a step has three lines, anything else two.
constexpr double step_height = 78, leaf_height = 34, row_gap = 28, column_gap = 56, character_width = 6.4;

class Graph {
  public:
    explicit Graph(const Explanation& explanation) : explanation_(explanation) {
        for (std::size_t k = 0; k < explanation.steps.size(); ++k) add_step(k);
        add_row_names();
    }

    std::string nodes() const {
        const std::vector<std::pair<double, double>> places = places_of_nodes();
        std::string text;
        for (std::size_t k = 0; k < nodes_.size(); ++k)
            text += fmt::format("  {} [{}, label={}, pos=\"{:.0f},{:.0f}!\"];\n", nodes_[k].id, nodes_[k].attributes,
                                label(nodes_[k].lines), places[k].first, places[k].second);
        return text;
    }
    const std::string& edges() const { return edges_; }

  private:
    void add_step(std::size_t k) {
        const ExplainedStep& step = explanation_.steps[k];
        const Look look = look_of(step.stage);
        columns_.push_back(column_of(step));
        nodes_.push_back(
            {.id = fmt::format("s{}", k + 1),
             .attributes = fmt::format("shape={}, style=filled, fillcolor=\"{}\"", look.shape, look.colour),
             .lines = {fmt::format("{}  {}", k + 1, formula_text(step.formula)), step.operation, step.shape},
             .row = step.row,
             .column = columns_.back(),
             .broadening = look.broadening});
        for (const ExplainedOperand& operand : step.operands)
            edges_ +=
                fmt::format("  {} -> s{} [color=\"{}\"{}];\n",
                            operand.step ? fmt::format("s{}", *operand.step + 1) : leaf(operand, step), k + 1,
                            operand.step ? look.edge_colour : "#888888", operand.decides_signs ? ", style=dashed" : "");
    }

    Column column_of(const ExplainedStep& step) const {
        if (step.stage == UpdateStage::forward) return forward;
        if (step.stage == UpdateStage::gradient) return gradient;
        if (step.parameter) return of_weights;
        const bool adds = std::ranges::any_of(step.operands, [&](const ExplainedOperand& operand) {
            return operand.step && *operand.step < columns_.size() && columns_[*operand.step] >= of_weights;
        });
        return adds ? sums : second_backward;
    }

    /// The node of what no step made; it stands where it is read first.
    std::string leaf(const ExplainedOperand& operand, const ExplainedStep& reader) {
        const auto [found, is_new] =
            leaf_of_.emplace(std::pair(operand.symbol, operand.what), fmt::format("l{}", leaf_of_.size() + 1));
        if (is_new)
            nodes_.push_back({.id = found->second,
                              .attributes = "shape=plain",
                              .lines = {formula_text(operand.symbol), operand.what},
                              .row = reader.row,
                              .column = reader.stage == UpdateStage::second_backward ? terms : leaves});
        return found->second;
    }

    void add_row_names() {
        std::map<std::size_t, std::string> rows;
        for (const ExplainedStep& step : explanation_.steps)
            rows[step.row] = step.row < explanation_.rows.size() ? explanation_.rows[step.row] : "";
        for (const auto& [row, name] : rows)
            nodes_.push_back(
                {.id = fmt::format("r{}", row), .attributes = "shape=plain, fontsize=12", .lines = {name}, .row = row});
    }

    static double height_of(const Node& node) {
        return node.column >= forward && node.column <= sums ? step_height : leaf_height;
    }

    static double width_of(const Node& node) {
        std::size_t characters = 0;
        for (const std::string& line : node.lines) characters = std::max(characters, line.size());
        return character_width * node.broadening * static_cast<double>(characters) + 16;
    }

    /// Of all nodes, the middle. y grows upwards.
    std::vector<std::pair<double, double>> places_of_nodes() const {
        std::map<std::size_t, std::array<double, n_columns>> heights;  // of rows, column by column
        std::array<double, n_columns> widths{};
        for (const Node& node : nodes_) {
            heights[node.row][node.column] += height_of(node);
            widths[node.column] = std::max(widths[node.column], width_of(node));
        }
        std::map<std::size_t, double> tops;
        double y = 0;
        for (const auto& [row, of_columns] : heights) {
            tops[row] = y;
            y -= std::ranges::max(of_columns) + row_gap;
        }
        std::array<double, n_columns> middles{};
        double x = 0;
        for (std::size_t column = 0; column < n_columns; ++column) {
            if (widths[column] == 0) continue;
            middles[column] = x + widths[column] / 2;
            x += widths[column] + column_gap;
        }
        // The gradient climbs: what comes later stands higher.
        std::map<std::size_t, std::array<double, n_columns>> used;
        std::vector<std::pair<double, double>> places;
        for (const Node& node : nodes_) {
            double& taken = used[node.row][node.column];
            const double height = height_of(node);
            const double depth =
                node.column == gradient ? heights.at(node.row)[gradient] - taken - height / 2 : taken + height / 2;
            taken += height;
            places.emplace_back(middles[node.column], tops.at(node.row) - depth);
        }
        return places;
    }

    const Explanation& explanation_;
    std::vector<Node> nodes_;
    std::vector<Column> columns_;  ///< of steps
    std::map<std::pair<std::string, std::string>, std::string> leaf_of_;
    std::string edges_;
};

}  // namespace

std::string explanation_dot(const Explanation& e) {
    // Graphviz finds curves around the nodes of 144 steps in 10 s, and around those of 805 not in five minutes.
    constexpr std::size_t most_for_curves = 150;
    const Graph graph(e);
    return fmt::format(
        "// One critic update. Places are in points (inputscale).\n"
        "digraph explanation {{\n"
        "  graph [layout=neato, inputscale=72, splines={}, labelloc=t, fontname=\"sans-serif\", label={}];\n"
        "  node [fontname=\"sans-serif\", fontsize=10];\n{}{}}}\n",
        e.steps.size() <= most_for_curves ? "true" : "line",
        label({fmt::format("{} of a {}: {}", e.critic, e.model, formula_text(e.objective)),
               "boxes: forward; ellipses: gradient; hexagons: second backward; dashed: decides signs only"}),
        graph.nodes(), graph.edges());
}

}  // namespace musegan
