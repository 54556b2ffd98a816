// Work on streams: it runs when it is issued or, while its stream captures, is kept as a node of a graph (graph.cpp).
// Also says which calls a capture forbids. Everything here is called with the state's mutex held.
#pragma once

#include <functional>
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
};

namespace standin {

using Node = CUgraphNode_st;

struct Capture {
    cudaStreamCaptureMode mode;
    std::thread::id thread;  // the thread that began the capture
    std::uint64_t number;    // from 1, never used twice
    bool invalidated = false;
    std::vector<Node> nodes{};
};

/// The capture that began on this stream and has not ended, or nullptr.
Capture* capture_of(cudaStream_t stream);

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

/// Forgets the capture of a stream that is destroyed; false if there was none.
bool drop_capture(cudaStream_t stream);
void drop_captures();

}  // namespace standin
