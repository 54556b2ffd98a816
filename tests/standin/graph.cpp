// Stream capture and graphs: a graph is the list of what was issued on its streams, in order, with edges.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "activity.hpp"
#include "capture.hpp"
#include "hooks.hpp"

struct CUgraph_st {
    std::vector<standin::Node> nodes;
};
struct CUgraphExec_st {
    std::vector<standin::Node> nodes;
};

namespace standin {

namespace {

struct Graphs {
    std::map<cudaStream_t, std::shared_ptr<Capture>> captures;  // by each of their streams
    std::uint64_t begun = 0;
    std::map<cudaStream_t, NodeKind> last_outside;  // what was issued last on a stream, outside of captures
    std::map<const void*, std::unique_ptr<CUgraph_st>> graphs;
    std::map<const void*, std::unique_ptr<CUgraphExec_st>> executables;
};
Graphs& all() {
    static Graphs graphs;
    return graphs;
}

template <typename Map>
auto* find(Map& map, const void* handle) {
    const auto found = map.find(handle);
    return found == map.end() ? nullptr : found->second.get();
}

/// Invalidates every capture. Returns `error` if there was one, success otherwise.
cudaError_t invalidate_all(cudaError_t error) {
    for (auto& [stream, capture] : all().captures) capture->invalidated = true;
    return all().captures.empty() ? cudaSuccess : error;
}

void run_node(const std::vector<Node>& nodes, std::size_t i) {
    State& s = state();
    s.node_range = nodes[i].range;
    const cudaError_t error = run_traced(nodes[i], s.correlation);
    if (error == cudaSuccess) return;
    add_fault(
        fmt::format("cudaGraphLaunch: node {} of {} can no longer run: {}", i, nodes.size(), cudaGetErrorName(error)));
    if (device_runs()) s.pending = cudaErrorIllegalAddress;
}

void run_nodes(const std::vector<Node>& nodes) {
    const bool forks = !is_chain(nodes), checks_races = forks && race_hooks != nullptr;
    state().counters.forked_graph_launches += forks;
    const auto ancestors = checks_races ? ancestors_of(nodes) : std::vector<std::vector<bool>>();
    if (checks_races) race_hooks->graph_begins(&ancestors);
    for (const std::size_t i : order_of_run(nodes)) {
        if (checks_races) race_hooks->node_begins(i);
        run_node(nodes, i);
    }
    if (checks_races) race_hooks->graph_ends();
    state().node_range.clear();
}

/// Why `nodes` cannot replace `old`, and which node is the reason (null if it is the number of nodes).
cudaGraphExecUpdateResultInfo compare(const std::vector<Node>& old, std::vector<Node>& nodes) {
    if (old.size() != nodes.size()) return {cudaGraphExecUpdateErrorTopologyChanged, nullptr, nullptr};
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto is_copy = [](NodeKind kind) { return kind <= NodeKind::copy_on_device; };
        if (nodes[i].kind != old[i].kind) {
            const bool copies = is_copy(nodes[i].kind) && is_copy(old[i].kind);
            return {copies ? cudaGraphExecUpdateErrorParametersChanged : cudaGraphExecUpdateErrorNodeTypeChanged,
                    &nodes[i], nullptr};
        }
        if (nodes[i].function != old[i].function)
            return {cudaGraphExecUpdateErrorUnsupportedFunctionChange, &nodes[i], nullptr};
        if (nodes[i].after != old[i].after) return {cudaGraphExecUpdateErrorTopologyChanged, &nodes[i], nullptr};
    }
    return {cudaGraphExecUpdateSuccess, nullptr, nullptr};
}

}  // namespace

Capture* capture_of(cudaStream_t stream) {
    const auto found = all().captures.find(stream);
    return found == all().captures.end() ? nullptr : found->second.get();
}

bool is_behind_kernel(cudaStream_t stream) {
    const Capture* const capture = capture_of(stream);
    if (capture == nullptr) {
        const auto last = all().last_outside.find(stream);
        return last != all().last_outside.end() && last->second == NodeKind::kernel;
    }
    const CapturedStream& branch = capture->streams.at(stream);
    if (branch.last.size() != 1) return false;
    const Node& last = capture->nodes[branch.last[0]];
    return last.kind == NodeKind::kernel && last.branch == branch.branch;
}

Capture* capture_numbered(std::uint64_t number) {
    for (auto& [stream, capture] : all().captures)
        if (capture->number == number) return capture.get();
    return nullptr;
}

void join_capture(Capture& capture, cudaStream_t stream) {
    all().captures[stream] = all().captures.at(capture.origin);
    capture.streams.emplace(stream, CapturedStream{capture.streams.size()});
}

cudaError_t issue(cudaStream_t stream, Node node) {
    cudaError_t error = begin_call();
    if (error == cudaSuccess && !valid_stream(stream)) error = cudaErrorInvalidResourceHandle;
    if (error == cudaSuccess && stream == nullptr) error = conflict_with_legacy();
    if (error != cudaSuccess) return refuse(stream, error);
    Capture* const capture = capture_of(stream);
    if (capture == nullptr) {
        run_late_copies();
        all().last_outside[stream] = node.kind;
        return end_call(run_traced(node, traced_call()));
    }
    if (capture->invalidated) return end_call(cudaErrorStreamCaptureInvalidated);
    node.range = current_range();
    append(*capture, stream, std::move(node));
    return cudaSuccess;
}

cudaError_t refuse(cudaStream_t stream, cudaError_t error) {
    if (Capture* const capture = capture_of(stream)) capture->invalidated = true;
    return end_call(error);
}

void invalidate_capture(std::uint64_t number) {
    if (Capture* const capture = capture_numbered(number)) capture->invalidated = true;
}

cudaError_t conflict_with_waiting(cudaStream_t stream) {
    if (stream == nullptr) return conflict_with_legacy();
    Capture* const capture = capture_of(stream);
    if (capture == nullptr) return cudaSuccess;
    capture->invalidated = true;
    return cudaErrorStreamCaptureUnsupported;
}

cudaError_t conflict_with_device() { return invalidate_all(cudaErrorStreamCaptureUnsupported); }
cudaError_t conflict_with_legacy() { return invalidate_all(cudaErrorStreamCaptureImplicit); }

cudaError_t conflict_with_unsafe() {
    cudaError_t error = cudaSuccess;
    for (auto& [stream, capture] : all().captures) {
        const bool mine = capture->thread == std::this_thread::get_id();
        if (capture->mode == cudaStreamCaptureModeRelaxed) continue;
        if (capture->mode == cudaStreamCaptureModeThreadLocal && !mine) continue;
        capture->invalidated = true;
        error = cudaErrorStreamCaptureUnsupported;
    }
    return error;
}

bool drop_capture(cudaStream_t stream) {
    const Capture* const capture = capture_of(stream);
    if (capture == nullptr) return false;
    if (capture->origin != stream) {
        invalidate_capture(capture->number);
        return all().captures.erase(stream) != 0;
    }
    const std::uint64_t number = capture->number;
    std::erase_if(all().captures, [&](const auto& entry) { return entry.second->number == number; });
    return true;
}
void drop_captures() {
    all().captures.clear();
    all().last_outside.clear();
}

}  // namespace standin

using standin::all;
using standin::begin_call;
using standin::Capture;
using standin::capture_of;
using standin::end_call;
using standin::find;
using standin::refuse;
using standin::state;
using Lock = std::lock_guard<std::recursive_mutex>;

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    if (mode < cudaStreamCaptureModeGlobal || mode > cudaStreamCaptureModeRelaxed)
        return refuse(stream, cudaErrorInvalidValue);
    if (stream == nullptr) return end_call(cudaErrorStreamCaptureUnsupported);
    if (!standin::valid_stream(stream)) return end_call(cudaErrorInvalidResourceHandle);
    if (capture_of(stream) != nullptr) return refuse(stream, cudaErrorIllegalState);
    const auto capture = std::make_shared<Capture>(Capture{mode, std::this_thread::get_id(), ++all().begun, stream});
    capture->streams.emplace(stream, standin::CapturedStream{0});
    all().captures.emplace(stream, capture);
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
    const Lock lock(state().mutex);
    if (graph == nullptr) return refuse(stream, cudaErrorInvalidValue);
    *graph = nullptr;
    if (!standin::valid_stream(stream)) return end_call(cudaErrorInvalidResourceHandle);
    Capture* const capture = capture_of(stream);
    if (capture == nullptr) return end_call(cudaErrorStreamCaptureUnmatched);
    if (capture->origin != stream) return refuse(stream, cudaErrorStreamCaptureUnmatched);
    if (capture->mode != cudaStreamCaptureModeRelaxed && capture->thread != std::this_thread::get_id())
        return refuse(stream, cudaErrorStreamCaptureWrongThread);
    const Capture ended = std::move(*capture);
    standin::drop_capture(stream);
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    if (ended.invalidated) return end_call(cudaErrorStreamCaptureInvalidated);
    if (!standin::all_joined(ended)) return end_call(cudaErrorStreamCaptureUnjoined);
    auto made = std::make_unique<CUgraph_st>(CUgraph_st{ended.nodes});
    *graph = made.get();
    all().graphs[*graph] = std::move(made);
    ++state().counters.graphs;
    return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    *status = cudaStreamCaptureStatusNone;
    if (!standin::valid_stream(stream)) return end_call(cudaErrorInvalidResourceHandle);
    if (stream == nullptr) return end_call(all().captures.empty() ? cudaSuccess : cudaErrorStreamCaptureImplicit);
    if (const Capture* const capture = capture_of(stream)) {
        *status = capture->invalidated ? cudaStreamCaptureStatusInvalidated : cudaStreamCaptureStatusActive;
    }
    return cudaSuccess;
}

cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, std::size_t* count) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    CUgraph_st* const found = find(all().graphs, graph);
    if (found == nullptr) return end_call(cudaErrorInvalidResourceHandle);
    const std::size_t room = *count;
    if (nodes == nullptr || room > found->nodes.size()) *count = found->nodes.size();
    if (nodes == nullptr) return cudaSuccess;
    for (std::size_t i = 0; i < room; ++i) nodes[i] = i < *count ? &found->nodes[i] : nullptr;
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long flags) {
    const Lock lock(state().mutex);
    *executable = nullptr;
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    CUgraph_st* const found = find(all().graphs, graph);
    if (found == nullptr) return end_call(cudaErrorInvalidResourceHandle);
    if (flags != 0) return end_call(cudaErrorNotSupported);
    auto made = std::make_unique<CUgraphExec_st>(CUgraphExec_st{found->nodes});
    *executable = made.get();
    all().executables[*executable] = std::move(made);
    ++state().counters.graph_executables;
    return cudaSuccess;
}

cudaError_t cudaGraphExecUpdate(cudaGraphExec_t executable, cudaGraph_t graph, cudaGraphExecUpdateResultInfo* info) {
    const Lock lock(state().mutex);
    if (info == nullptr) return end_call(cudaErrorInvalidValue);
    *info = {cudaGraphExecUpdateError, nullptr, nullptr};
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    CUgraphExec_st* const target = find(all().executables, executable);
    CUgraph_st* const source = find(all().graphs, graph);
    if (target == nullptr || source == nullptr) return end_call(cudaErrorInvalidResourceHandle);
    *info = standin::compare(target->nodes, source->nodes);
    if (info->result != cudaGraphExecUpdateSuccess) return end_call(cudaErrorGraphExecUpdateFailure);
    target->nodes = source->nodes;
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
    const Lock lock(state().mutex);
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    const CUgraphExec_st* const found = find(all().executables, executable);
    if (found == nullptr) return refuse(stream, cudaErrorInvalidResourceHandle);
    if (capture_of(stream) != nullptr) return refuse(stream, cudaErrorStreamCaptureUnsupported);
    return standin::issue(stream, {standin::NodeKind::graph, nullptr, [found] {
                                       ++state().counters.graph_launches;
                                       standin::run_nodes(found->nodes);
                                       return cudaSuccess;
                                   }});
}

// Both functions destroy even where they return an error, as cudaFree frees even then.
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
    const Lock lock(state().mutex);
    if (all().graphs.erase(graph) == 0) return end_call(cudaErrorInvalidResourceHandle);
    --state().counters.graphs;
    return end_call(begin_call());
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
    const Lock lock(state().mutex);
    if (all().executables.erase(executable) == 0) return end_call(cudaErrorInvalidResourceHandle);
    --state().counters.graph_executables;
    return end_call(begin_call());
}
