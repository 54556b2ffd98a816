// What the tests of captures and of graphs share: handles of the runtime that close themselves, and two kernels.
#pragma once

#include <functional>

#include "device_array.hpp"

namespace graphs {

inline __global__ void add(float* out, float value) { out[blockIdx.x * blockDim.x + threadIdx.x] += value; }
inline __global__ void multiply(float* out, float value) { out[blockIdx.x * blockDim.x + threadIdx.x] *= value; }

struct Stream {
    Stream() { REQUIRE(cudaStreamCreateWithFlags(&value, cudaStreamNonBlocking) == cudaSuccess); }
    ~Stream() { cudaStreamDestroy(value); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    cudaStream_t value = nullptr;

    void begin(cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed) const {
        REQUIRE(cudaStreamBeginCapture(value, mode) == cudaSuccess);
    }
    cudaStreamCaptureStatus status() const {
        cudaStreamCaptureStatus result = cudaStreamCaptureStatusNone;
        CHECK(cudaStreamIsCapturing(value, &result) == cudaSuccess);
        return result;
    }
    template <typename... P, typename... A>
    cudaError_t launch(unsigned blocks, void (*kernel)(P...), A&&... arguments) const {
        cudaLaunchConfig_t config{};
        config.gridDim = dim3(blocks);
        config.blockDim = dim3(1);
        config.stream = value;
        return cudaLaunchKernelEx(&config, kernel, std::forward<A>(arguments)...);
    }
};

struct Graph {
    Graph(const Stream& stream, const std::function<void()>& work) {
        stream.begin();
        work();
        REQUIRE(cudaStreamEndCapture(stream.value, &value) == cudaSuccess);
    }
    ~Graph() { cudaGraphDestroy(value); }
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;
    cudaGraph_t value = nullptr;

    std::size_t nodes() const {
        std::size_t count = 0;
        REQUIRE(cudaGraphGetNodes(value, nullptr, &count) == cudaSuccess);
        return count;
    }
};

struct Executable {
    explicit Executable(const Graph& graph) { REQUIRE(cudaGraphInstantiate(&value, graph.value, 0) == cudaSuccess); }
    ~Executable() { cudaGraphExecDestroy(value); }
    Executable(const Executable&) = delete;
    Executable& operator=(const Executable&) = delete;
    cudaGraphExec_t value = nullptr;

    cudaGraphExecUpdateResult update(const Graph& graph) const {
        cudaGraphExecUpdateResultInfo info{};
        const cudaError_t error = cudaGraphExecUpdate(value, graph.value, &info);
        const bool success = info.result == cudaGraphExecUpdateSuccess;
        CHECK(error == (success ? cudaSuccess : cudaErrorGraphExecUpdateFailure));
        return info.result;
    }
};

struct Event {
    Event() { REQUIRE(cudaEventCreate(&value) == cudaSuccess); }
    ~Event() { cudaEventDestroy(value); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    cudaEvent_t value = nullptr;
};

struct Pinned {
    explicit Pinned(std::size_t count) { REQUIRE(cudaMallocHost(&values, count * 4) == cudaSuccess); }
    ~Pinned() { cudaFreeHost(values); }
    Pinned(const Pinned&) = delete;
    Pinned& operator=(const Pinned&) = delete;
    float* values = nullptr;
};

using Floats = std::vector<float>;

}  // namespace graphs
