// Chapter 3: the reverse sweep.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "autograd/elementwise.hpp"
#include "autograd/variable.hpp"
#include "tensor/tensor.hpp"

namespace course {

using autograd::Needed;
using autograd::Node;
using autograd::Variable;
using tensor::Tensor;

/// 3.1. A node is made after its inputs, so its id is larger than theirs. The largest id that waits therefore belongs
/// to a node all of whose users are done: its sum is complete, and its rule can run, once. (Going down every path for
/// itself gives the same numbers, at the price of as many rules as there are paths: 2^n for n values used twice.)
///
/// The sum is the operator `add`, as the rules' results are operators' results: so what is returned has a graph.
inline Variable gradient(const Variable& output, const Variable& input) {
    std::map<std::uint64_t, std::pair<std::shared_ptr<Node>, Variable>, std::greater<>> waiting;
    const auto deliver = [&](const std::shared_ptr<Node>& node, const Variable& cotangent) {
        const auto [place, is_first] = waiting.try_emplace(node->id, node, cotangent);
        Variable& sum_so_far = place->second.second;
        if (!is_first) sum_so_far = add(sum_so_far, cotangent);
    };
    if (output.node()) deliver(output.node(), Variable(Tensor::full(output.shape(), 1.0, output.value().dtype())));
    while (!waiting.empty()) {
        const auto [node, cotangent] = waiting.begin()->second;
        waiting.erase(waiting.begin());
        if (node == input.node()) return cotangent;  // what still waits is older than the input and cannot lead to it
        if (!node->rule) continue;                   // another leaf
        Needed needed;
        for (const auto& each : node->inputs) needed.push_back(each != nullptr);
        const std::vector<std::optional<Variable>> results = node->rule(cotangent, needed);
        for (std::size_t i = 0; i < results.size(); ++i)
            if (needed[i] && results[i]) deliver(node->inputs[i], *results[i]);
    }
    return Variable(Tensor::zeros(input.shape(), input.value().dtype()));
}

/// 3.2. balanced: s is used twice by y, and x twice by s: one addition each. chain: x gets four cotangents and takes
/// three additions, the two products inside get one each.
///
/// The second derivative of balanced differentiates dy = c x + c x, where c = s + s is y's cotangent of s. Both
/// products hold c as a factor, so its addition is there still: 1. Then c gets two cotangents, which takes 1 addition;
/// s, behind c, two: 1; and x four, two from dy's products and two from s's: 3. Together 6. The addition at the top of
/// dy is gone, since its rule passes the cotangent on and needs no value.
struct Additions {
    int balanced_first = -1;
    int chain_first = -1;
    int balanced_second = -1;
};
inline Additions predicted_additions() { return {2, 3, 6}; }

}  // namespace course
