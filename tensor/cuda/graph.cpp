#include "tensor/cuda/graph.hpp"

namespace tensor::cuda {

void GraphCache::run(const Context& context, const std::string& name, const std::function<void()>& work) {
    Entry& entry = entries_[name];
    if (!entry.warm) {
        work();
        entry.warm = true;
        return;
    }
    const Graph graph = capture(context, work);
    if (entry.executable.get() == nullptr) {
        instantiate(entry, graph);
    } else {
        cudaGraphExecUpdateResultInfo info{};
        if (cudaGraphExecUpdate(entry.executable.get(), graph.get(), &info) != cudaSuccess) {
            cudaGetLastError();  // the refusal is answered here: other launches than the last time, such as a last
                                 // batch of another size
            instantiate(entry, graph);
            ++rebuilt_;
        }
    }
    check("graph", cudaGraphLaunch(entry.executable.get(), context.stream));
}

GraphCache::Graph GraphCache::capture(const Context& context, const std::function<void()>& work) const {
    // Relaxed: the arena may have to ask for a segment on the way.
    check("graph", cudaStreamBeginCapture(context.stream, cudaStreamCaptureModeRelaxed));
    cudaGraph_t graph = nullptr;
    try {
        work();
    } catch (...) {
        if (cudaStreamEndCapture(context.stream, &graph) == cudaSuccess && graph) cudaGraphDestroy(graph);
        cudaGetLastError();
        throw;
    }
    check("graph", cudaStreamEndCapture(context.stream, &graph));
    return Graph(graph);
}

void GraphCache::instantiate(Entry& entry, const Graph& graph) {
    cudaGraphExec_t executable = nullptr;
    check("graph", cudaGraphInstantiate(&executable, graph.get(), 0));
    entry.executable = Executable(executable);
}

}  // namespace tensor::cuda
