// Captures of several streams: a stream that waits for an event of a capture becomes a branch of it, and is joined
// again when another one waits for an event at its end. What no edge orders, a GPU may run in any order; here a test
// chooses.
#include <algorithm>

#include "capture.hpp"

namespace standin {

CapturePoint point_of(const Capture& capture, cudaStream_t stream) {
    const CapturedStream& branch = capture.streams.at(stream);
    return {capture.number, stream, branch.changes, branch.last};
}

void wait_in_capture(Capture& capture, cudaStream_t stream, const CapturePoint& point) {
    if (!capture.streams.contains(stream)) join_capture(capture, stream);
    if (point.stream == stream) return;
    CapturedStream& waits = capture.streams.at(stream);
    for (const std::size_t node : point.last)
        if (std::ranges::find(waits.last, node) == waits.last.end()) waits.last.push_back(node);
    ++waits.changes;
    waits.joined = false;
    const auto recorded = capture.streams.find(point.stream);
    if (recorded != capture.streams.end() && recorded->second.changes == point.changes) recorded->second.joined = true;
}

void append(Capture& capture, cudaStream_t stream, Node node) {
    CapturedStream& branch = capture.streams.at(stream);
    node.after = branch.last;
    node.branch = branch.branch;
    branch.last = {capture.nodes.size()};
    ++branch.changes;
    branch.joined = false;
    capture.nodes.push_back(std::move(node));
}

bool all_joined(const Capture& capture) {
    return std::ranges::all_of(capture.streams,
                               [&](const auto& entry) { return entry.first == capture.origin || entry.second.joined; });
}

bool is_chain(const std::vector<Node>& nodes) {
    return std::ranges::all_of(nodes, [](const Node& node) { return node.branch == 0; });
}

std::vector<std::size_t> order_of_run(const std::vector<Node>& nodes) {
    std::vector<bool> has_run(nodes.size(), false);
    std::vector<std::size_t> order;
    if (is_chain(nodes)) {
        for (std::size_t i = 0; i < nodes.size(); ++i) order.push_back(i);
        return order;
    }
    std::size_t last_branch = 0;
    // Of a branch only the first node that has not run may be next.
    const auto ready = [&] {
        std::map<std::size_t, std::size_t> first;
        for (std::size_t i = 0; i < nodes.size(); ++i)
            if (!has_run[i]) first.emplace(nodes[i].branch, i);
        std::erase_if(first, [&](const auto& entry) {
            return !std::ranges::all_of(nodes[entry.second].after, [&](std::size_t node) { return has_run[node]; });
        });
        return first;
    };
    while (order.size() < nodes.size()) {
        const std::map<std::size_t, std::size_t> candidates = ready();
        auto chosen = candidates.begin();
        switch (device().graph_order) {
            case GraphOrder::as_issued:
                chosen = std::ranges::min_element(candidates, {}, [](const auto& entry) { return entry.second; });
                break;
            case GraphOrder::last_branch_first: chosen = std::prev(candidates.end()); break;
            case GraphOrder::alternating:
                chosen = candidates.upper_bound(last_branch);
                if (chosen == candidates.end()) chosen = candidates.begin();
                break;
        }
        last_branch = chosen->first;
        has_run[chosen->second] = true;
        order.push_back(chosen->second);
    }
    return order;
}

std::vector<std::vector<bool>> ancestors_of(const std::vector<Node>& nodes) {
    std::vector<std::vector<bool>> ancestors(nodes.size(), std::vector<bool>(nodes.size(), false));
    for (std::size_t i = 0; i < nodes.size(); ++i)
        for (const std::size_t earlier : nodes[i].after) {  // an edge leads from a node that was captured earlier
            ancestors[i][earlier] = true;
            for (std::size_t j = 0; j < earlier; ++j)
                if (ancestors[earlier][j]) ancestors[i][j] = true;
        }
    return ancestors;
}

}  // namespace standin
