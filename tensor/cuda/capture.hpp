// What a stream is given, as a graph instead of at once.
#pragma once

#include <cuda_runtime.h>

#include <functional>

#include "tensor/cuda/context.hpp"
#include "tensor/cuda/runtime.hpp"

namespace tensor::cuda {

using Graph = Owned<cudaGraph_t, cudaGraphDestroy>;
using Executable = Owned<cudaGraphExec_t, cudaGraphExecDestroy>;

/// A graph, or why the device refused to make it.
struct Capture {
    Graph graph;
    cudaError_t status = cudaSuccess;
};

/// Captures what work() issues on the context's stream, none of which runs. Throws what work() throws, unless that came
/// of the capture: then, and where the capture fails otherwise, the status says so.
Capture capture(const Context& context, const std::function<void()>& work);

}  // namespace tensor::cuda
