// Work on streams: it runs when it is issued or, while its stream captures, is kept as a node of a graph (graph.cpp).
// Also says which calls a capture forbids. Everything here is called with the state's mutex held.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "state.hpp"

namespace standin {

/// What a node does; the directions of copies are in the order of cudaMemcpyKind.
enum class NodeKind : std::uint8_t {
    copy_on_host,
    copy_to_device,
    copy_to_host,
    copy_on_device,
    set,
    kernel,
    product,
    algorithm,
    event_record,
    graph
};

/// Of a kernel.
struct Shape {
    dim3 grid{}, block{};
    std::size_t shared_bytes = 0;  // dynamic
};

}  // namespace standin

/// One piece of work with its arguments. `run` may be called many times; if it returns an error, something that the
/// node needs no longer exists.
struct CUgraphNode_st {
    standin::NodeKind kind;
    const void*
        function;  // the kernel, or the type of the algorithm or product; null where the kind alone identifies it
    std::function<cudaError_t()> run;
    std::string range{};  // the NVTX ranges that were open when it was captured
    standin::Shape shape{};
    std::vector<std::size_t> after{};  // the nodes, by number, that an edge of the graph leads from to this one
    std::size_t branch = 0;            // the number of its stream among those of the capture, which began on 0
};

namespace standin {

using Node = CUgraphNode_st;

/// A stream that captures: that on which the capture began, or one that waited for an event of the capture.
struct CapturedStream {
    std::size_t branch;
    std::vector<std::size_t> last{};  // the nodes that the next one on this stream comes after
    std::uint64_t changes = 0;        // of `last`
    bool joined = false;              // another stream has waited for all of this one
};

struct Capture {
    cudaStreamCaptureMode mode;
    std::thread::id thread;  // the thread that began the capture
    std::uint64_t number;    // from 1, never used twice
    cudaStream_t origin;     // the stream on which it began
    bool invalidated = false;
    std::vector<Node> nodes{};
    std::map<cudaStream_t, CapturedStream> streams{};
};

/// Where an event was recorded in a capture.
struct CapturePoint {
    std::uint64_t capture = 0;  // its number; 0 if the event was recorded outside of any
    cudaStream_t stream = nullptr;
    std::uint64_t changes = 0;
    std::vector<std::size_t> last{};
};

// branches.cpp: forks, joins, and the order in which a graph with branches runs.

CapturePoint point_of(const Capture& capture, cudaStream_t stream);
/// A wait on `stream`, which captures or else becomes a branch of it, for what was recorded at a point of the capture.
void wait_in_capture(Capture& capture, cudaStream_t stream, const CapturePoint& point);
/// Adds a node behind what its stream has.
void append(Capture& capture, cudaStream_t stream, Node node);
/// Whether every branch has been waited for, as far as it goes, by another one.
bool all_joined(const Capture& capture);
/// Whether all nodes are of one stream, one behind the other.
bool is_chain(const std::vector<Node>& nodes);
/// The numbers of the nodes in the order that device().graph_order asks for. Edges lead forward in it.
std::vector<std::size_t> order_of_run(const std::vector<Node>& nodes);
/// [i][j]: node j runs before node i in every order.
std::vector<std::vector<bool>> ancestors_of(const std::vector<Node>& nodes);

/// Whether the stream has one kernel last, issued on it or captured on it: the only work behind which a launch may
/// begin early here. A GPU takes the attribute elsewhere, too, where the launch gains nothing or nothing is promised.
bool is_behind_kernel(cudaStream_t stream);

/// The capture that this stream takes part in and that has not ended, or nullptr.
Capture* capture_of(cudaStream_t stream);
/// That of the number, or nullptr once it has ended.
Capture* capture_numbered(std::uint64_t number);
/// Makes the stream a branch of the capture.
void join_capture(Capture& capture, cudaStream_t stream);

/// The only function that puts work on a stream: runs the node and returns its error, or captures it. Errors: those of
/// begin_call, a dead stream, an invalidated capture, the legacy stream while any stream captures.
cudaError_t issue(cudaStream_t stream, Node node);

/// Ends a call on `stream` that failed: its capture, if there is one, is incomplete and can give no graph.
cudaError_t refuse(cudaStream_t stream, cudaError_t error);
void invalidate_capture(std::uint64_t number);

// Each returns success, or, if a current capture forbids the call, its error, and invalidates the capture.

/// Waiting for `stream`.
cudaError_t conflict_with_waiting(cudaStream_t stream);
/// Waiting for the whole device.
cudaError_t conflict_with_device();
/// Work on the legacy stream, which every other stream waits for.
cudaError_t conflict_with_legacy();
/// Calls such as allocating, which some modes of capture forbid.
cudaError_t conflict_with_unsafe();

/// Forgets that a stream that is destroyed captures, and the whole capture if it began there; false if there was none.
bool drop_capture(cudaStream_t stream);
void drop_captures();

}  // namespace standin
