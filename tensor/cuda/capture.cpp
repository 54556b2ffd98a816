#include "tensor/cuda/capture.hpp"

namespace tensor::cuda {

Capture capture(const Context& context, const std::function<void()>& work) {
    const auto end = [&] {
        cudaGraph_t graph = nullptr;
        const cudaError_t status = cudaStreamEndCapture(context.stream, &graph);
        if (status != cudaSuccess) cudaGetLastError();  // the refusal is answered by the caller
        context.is_behind_kernel = false;               // what follows is not behind what was captured
        return Capture{Graph(graph), status};
    };
    context.is_behind_kernel = false;  // what is captured first is behind nothing
    // Relaxed: the arena may have to ask for a segment on the way.
    check("graph", cudaStreamBeginCapture(context.stream, cudaStreamCaptureModeRelaxed));
    try {
        work();
    } catch (...) {
        Capture broken = end();
        if (broken.status == cudaSuccess) throw;  // the capture was not the reason
        return broken;
    }
    return end();
}

}  // namespace tensor::cuda
