#include "autograd/grad.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "autograd/elementwise.hpp"
#include "autograd/tape_observer.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/scope.hpp"

namespace autograd {

namespace {

struct Pending {
    std::shared_ptr<Node> node;
    CotangentSum cotangent;
};

/// All nodes behind `outputs` by rising id, so that every node comes after its inputs.
std::map<std::uint64_t, const Node*> nodes_behind(std::span<const Variable> outputs) {
    std::map<std::uint64_t, const Node*> nodes;
    std::vector<const Node*> stack;
    for (const Variable& output : outputs)
        if (output.node()) stack.push_back(output.node().get());
    while (!stack.empty()) {
        const Node* const node = stack.back();
        stack.pop_back();
        if (!nodes.emplace(node->id, node).second) continue;
        for (const auto& input : node->inputs)
            if (input) stack.push_back(input.get());
    }
    return nodes;
}

class Sweep {
  public:
    Sweep(std::span<const Variable> outputs, std::span<const Variable> inputs, GradOptions options)
        : options_(options), results_(inputs.size()) {
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            if (!inputs[i].requires_grad())
                tensor::fail("grad", "input {} of shape {} does not require a gradient", i,
                             inputs[i].shape().to_string());
            wanted_.emplace(inputs[i].node().get(), i);
        }
        // Only nodes from which a wanted one is reached take part in the sweep.
        for (const auto& [id, node] : nodes_behind(outputs))
            if (wanted_.contains(node) || std::any_of(node->inputs.begin(), node->inputs.end(),
                                                      [&](const auto& input) { return useful_.contains(input.get()); }))
                useful_.insert(node);
    }

    void start(const Variable& output, const Variable& cotangent) {
        if (useful_.contains(output.node().get())) deliver(output.node(), cotangent);
    }

    std::vector<std::optional<Variable>> run() {
        while (!pending_.empty()) {
            const auto first = pending_.begin();
            Pending current = std::move(first->second);
            pending_.erase(first);
            current.cotangent.join_slices(current.node->shape, options_.create_graph);
            const auto [begin, end] = wanted_.equal_range(current.node.get());
            for (auto it = begin; it != end; ++it) results_[it->second] = current.cotangent.value();
            tell_arrived(current);
            propagate(current);
        }
        return std::move(results_);
    }

  private:
    static void tell_arrived(const Pending& current) {
        TapeObserver* const observer = tape_observer();
        if (observer && current.cotangent.value().defined())
            observer->arrived(*current.node, current.cotangent.value());
    }

    void deliver(const std::shared_ptr<Node>& node, const Variable& cotangent) {
        if (TapeObserver* const observer = tape_observer()) observer->sent(*node, cotangent);
        Pending& entry = pending_[node->id];
        entry.node = node;
        entry.cotangent.add_term(cotangent, options_.create_graph);
    }

    void propagate(const Pending& current) {
        Node& node = *current.node;
        if (std::none_of(node.inputs.begin(), node.inputs.end(), [&](const auto& input) { return is_useful(input); }))
            return;
        if (node.released)
            tensor::fail("grad", "the graph behind '{}' was freed by an earlier call (use keep_graph there)",
                         node.operation);
        if (current.cotangent.value().defined()) propagate_through(node, current.cotangent.value());
        if (!options_.create_graph && !options_.keep_graph) {
            node.rule = nullptr;
            node.masked_rule = nullptr;
            node.mask.reset();
            node.released = true;
        }
    }

    void propagate_through(const Node& node, const Variable& cotangent) {
        const tensor::LayerScope layer(node.layer);
        Needed needed;
        for (std::size_t i = 0; i < node.inputs.size(); ++i)
            needed.push_back(is_useful(node.inputs[i]) && !deliver_slice(node, cotangent, i) &&
                             !deliver_masked(node, cotangent, i));
        if (std::find(needed.begin(), needed.end(), true) == needed.end()) return;
        const auto contributions = [&] {
            const RuleScope rule(node, cotangent);
            return node.rule(cotangent, needed);
        }();
        for (std::size_t i = 0; i < node.inputs.size(); ++i)
            if (needed[i] && contributions[i]) deliver(node.inputs[i], *contributions[i]);
    }

    bool is_useful(const std::shared_ptr<Node>& node) const { return useful_.contains(node.get()); }

    /// The cotangent of a slice waits for those of the other slices (CotangentSum::join_slices).
    bool deliver_slice(const Node& node, const Variable& cotangent, std::size_t i) {
        if (!node.slice) return false;
        Pending& entry = pending_[node.inputs[i]->id];
        entry.node = node.inputs[i];
        entry.cotangent.add_slice(cotangent, *node.slice);
        return true;
    }

    /// For y = conv3d(m o h, w) and a cotangent g of y: instead of A(g, w) to the mask's node, and from there
    /// m o A(g, w) to h, one call makes m o A(g, w) and sends it to h at once. Right because the mask is linear: of a
    /// sum of cotangents each term may be masked by itself. Not done if somebody wants the gradient by m o h.
    bool deliver_masked(const Node& node, const Variable& cotangent, std::size_t i) {
        const std::shared_ptr<Node>& input = node.inputs[i];
        if (!node.masked_rule || !input->mask || wanted_.contains(input.get())) return false;
        if (!is_useful(input->inputs[0])) return false;
        const Variable masked = [&] {
            const RuleScope rule(node, cotangent);
            return node.masked_rule(i, cotangent, *input->mask);
        }();
        deliver(input->inputs[0], masked);
        // The mask's node gets no cotangent, but an entry (an empty sum, if no other user adds to it): only nodes with
        // an entry are visited by run(), and only visited ones are released by propagate(). Without it the rule would
        // live as long as the graph, and with it what it holds: the mask, or the output that the mask is read from.
        pending_[input->id].node = input;
        return true;
    }

    GradOptions options_;
    std::vector<std::optional<Variable>> results_;
    std::unordered_multimap<const Node*, std::size_t> wanted_;
    std::unordered_set<const Node*> useful_;
    std::map<std::uint64_t, Pending, std::greater<>> pending_;
};

Variable ones_like(const Variable& output) {
    if (output.shape().elements() != 1)
        tensor::fail("grad", "output of shape {} without a cotangent, expected a scalar", output.shape().to_string());
    return Variable(Tensor::full(output.shape(), 1.0, output.value().dtype(), output.value().device()));
}

}  // namespace

std::vector<std::optional<Variable>> grad(std::span<const Variable> outputs, std::span<const Variable> inputs,
                                          std::span<const Variable> cotangents, GradOptions options) {
    if (!cotangents.empty() && cotangents.size() != outputs.size())
        tensor::fail("grad", "{} cotangents for {} outputs", cotangents.size(), outputs.size());
    Sweep sweep(outputs, inputs, options);
    std::optional<NoGrad> no_grad;
    if (!options.create_graph) no_grad.emplace();
    for (std::size_t k = 0; k < outputs.size(); ++k) {
        const Variable cotangent = cotangents.empty() ? ones_like(outputs[k]) : cotangents[k];
        if (!(cotangent.shape() == outputs[k].shape()))
            tensor::fail("grad", "cotangent {} is {}, its output {}", k, cotangent.shape().to_string(),
                         outputs[k].shape().to_string());
        sweep.start(outputs[k], cotangent);
    }
    return sweep.run();
}

Variable grad(const Variable& output, const Variable& input, GradOptions options) {
    const auto results = grad(std::span(&output, 1), std::span(&input, 1), {}, options);
    if (results[0]) return *results[0];
    return Variable(Tensor::zeros(input.shape(), input.value().dtype(), input.value().device()));
}

std::string describe_graph(const Variable& output) {
    const auto nodes = nodes_behind(std::span(&output, 1));
    std::string text;
    for (auto it = nodes.rbegin(); it != nodes.rend(); ++it) {
        const Node* const node = it->second;
        std::vector<std::string> inputs;
        for (const auto& input : node->inputs) inputs.push_back(input ? fmt::format("#{}", input->id) : "constant");
        text +=
            fmt::format("#{} {} {}{}{}{}{}\n", node->id, node->operation, node->shape.to_string(),
                        inputs.empty() ? "" : " <- ", fmt::join(inputs, ", "), *node->layer ? "  " : "", node->layer);
    }
    return text;
}

}  // namespace autograd
