// Work that repeats, issued as one graph: an update of the critic is some hundreds of launches, and the device need not
// wait for each of them to arrive.
#pragma once

#include <cuda_runtime.h>

#include <functional>
#include <map>
#include <string>

#include "tensor/cuda/context.hpp"
#include "tensor/cuda/runtime.hpp"

namespace tensor::cuda {

/// Graphs by name. Every time, the work's launches are captured instead of started, and the graph kept under the name
/// is updated in place with their arguments (step counters, positions of random streams, rows of the batch), which
/// costs the host a few microseconds and the device nothing. So no operator has to know of graphs.
///
/// The first time the work runs without a graph: modules are loaded, the arena grows, cuBLAS chooses its algorithms.
class GraphCache {
  public:
    /// Runs `work`, which issues on context.stream and waits for nothing. What `work` throws is thrown on, and nothing
    /// of it has run. Throws Error if the device refuses the graph.
    void run(const Context& context, const std::string& name, const std::function<void()>& work);

    /// How many graphs had to be built anew because the work's launches differed from those of the time before.
    int rebuilt() const { return rebuilt_; }

  private:
    using Graph = Owned<cudaGraph_t, cudaGraphDestroy>;
    using Executable = Owned<cudaGraphExec_t, cudaGraphExecDestroy>;
    struct Entry {
        Executable executable;
        bool warm = false;  ///< the work has run once
    };

    Graph capture(const Context& context, const std::function<void()>& work) const;
    void instantiate(Entry& entry, const Graph& graph);

    std::map<std::string, Entry> entries_;
    int rebuilt_ = 0;
};

}  // namespace tensor::cuda
