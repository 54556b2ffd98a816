// Stream capture: what it forbids, in which thread, and the state after a misuse. Also part of the program with the
// race check.
#include <thrust/fill.h>
#include <thrust/reduce.h>
#include <thrust/system/cuda/execution_policy.h>
#include <thrust/system_error.h>

#include <thread>

#include "cublas_v2.h"
#include "graphs.hpp"

using namespace graphs;

TEST_CASE("calls that a capture forbids fail, invalidate it, and leave the stream usable after its end") {
    const FreshDevice fresh;
    const Stream stream;
    const Pinned host(1);
    const Event marked, before;
    REQUIRE(cudaEventRecord(before.value, stream.value) == cudaSuccess);
    DeviceArray<float> a(Floats{1});
    float pageable = 0;
    const Graph empty(stream, [] {});
    const Executable executable(empty);
    const cudaError_t unsupported = cudaErrorStreamCaptureUnsupported, implicit = cudaErrorStreamCaptureImplicit;
    struct Forbidden {
        const char* name;
        cudaError_t error;
        std::function<cudaError_t()> call;
    };
    const std::vector<Forbidden> calls{
        {"synchronise", unsupported, [&] { return cudaStreamSynchronize(stream.value); }},
        {"query", unsupported, [&] { return cudaStreamQuery(stream.value); }},
        {"synchronise all", unsupported, [] { return cudaDeviceSynchronize(); }},
        {"synchronise legacy", implicit, [] { return cudaStreamSynchronize(nullptr); }},
        {"copy", implicit, [&] { return cudaMemcpy(host.values, a.get(), 4, cudaMemcpyDeviceToHost); }},
        {"set", implicit, [&] { return cudaMemset(a.get(), 0, 4); }},
        {"legacy launch", implicit, [&] { return launch(1, 1, 0, add, a.get(), 1.0f); }},
        {"legacy set", implicit, [&] { return cudaMemsetAsync(a.get(), 0, 4); }},
        {"legacy graph", implicit, [&] { return cudaGraphLaunch(executable.value, nullptr); }},
        {"legacy event", implicit, [&] { return cudaEventRecord(before.value); }},
        {"pageable target", unsupported,
         [&] { return cudaMemcpyAsync(&pageable, a.get(), 4, cudaMemcpyDeviceToHost, stream.value); }},
        {"pageable source", unsupported,
         [&] { return cudaMemcpyAsync(a.get(), &pageable, 4, cudaMemcpyHostToDevice, stream.value); }},
        {"past the pinned", unsupported,
         [&] { return cudaMemcpyAsync(a.get(), host.values + 1, 4, cudaMemcpyHostToDevice, stream.value); }},
        {"graph in graph", unsupported, [&] { return cudaGraphLaunch(executable.value, stream.value); }},
        {"captured event", cudaErrorCapturedEvent, [&] { return cudaEventSynchronize(marked.value); }},
        {"captured event, query", cudaErrorCapturedEvent, [&] { return cudaEventQuery(marked.value); }},
        {"join", cudaErrorStreamCaptureIsolation, [&] { return cudaStreamWaitEvent(stream.value, before.value); }},
        {"begin again", cudaErrorIllegalState,
         [&] { return cudaStreamBeginCapture(stream.value, cudaStreamCaptureModeRelaxed); }},
        {"bad grid", cudaErrorInvalidConfiguration, [&] { return stream.launch(0, add, a.get(), 1.0f); }},
    };
    for (const Forbidden& forbidden : calls) {
        CAPTURE(forbidden.name);
        stream.begin();
        CHECK(cudaEventRecord(marked.value, stream.value) == cudaSuccess);
        CHECK(cudaStreamWaitEvent(stream.value, marked.value) == cudaSuccess);
        CHECK(forbidden.call() == forbidden.error);
        CHECK(stream.status() == cudaStreamCaptureStatusInvalidated);
        CHECK(stream.launch(1, add, a.get(), 1.0f) == cudaErrorStreamCaptureInvalidated);
        cudaGraph_t graph = empty.value;
        CHECK(cudaStreamEndCapture(stream.value, &graph) == cudaErrorStreamCaptureInvalidated);
        CHECK(graph == nullptr);
        CHECK(cudaStreamSynchronize(stream.value) == cudaSuccess);
    }
    CHECK(a.values() == Floats{1});
    CHECK(cudaStreamEndCapture(stream.value, nullptr) == cudaErrorInvalidValue);
    float time = 0;
    CHECK(cudaEventElapsedTime(&time, before.value, marked.value) == cudaErrorCapturedEvent);
    CHECK(cudaEventRecord(marked.value, stream.value) == cudaSuccess);
    CHECK(cudaEventElapsedTime(&time, before.value, marked.value) == cudaSuccess);
}

TEST_CASE("libraries report a forbidden call in their own way") {
    const FreshDevice fresh;
    const Stream stream;
    DeviceArray<float> a(Floats{1});
    const float one = 1;
    cublasHandle_t handle = nullptr;
    REQUIRE(cublasCreate(&handle) == CUBLAS_STATUS_SUCCESS);
    const auto multiply_on = [&](cudaStream_t on) {
        REQUIRE(cublasSetStream(handle, on) == CUBLAS_STATUS_SUCCESS);
        return cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one, a.get(), 1, a.get(), 1, &one, a.get(), 1);
    };
    cudaGraph_t graph = nullptr;
    stream.begin();
    CHECK_THROWS_AS(thrust::reduce(thrust::cuda::par.on(stream.value), a.get(), a.get() + 1, 0.0f),
                    thrust::system_error);
    CHECK(multiply_on(stream.value) == CUBLAS_STATUS_EXECUTION_FAILED);  // on an invalidated capture
    CHECK(cudaStreamEndCapture(stream.value, &graph) == cudaErrorStreamCaptureInvalidated);
    stream.begin();
    CHECK(multiply_on(nullptr) == CUBLAS_STATUS_EXECUTION_FAILED);
    CHECK(cudaStreamEndCapture(stream.value, &graph) == cudaErrorStreamCaptureInvalidated);
    stream.begin();
    CHECK_THROWS_AS(thrust::fill(thrust::cuda::par_nosync.on(nullptr), a.get(), a.get() + 1, 0.0f),
                    thrust::system_error);
    CHECK(cudaStreamEndCapture(stream.value, &graph) == cudaErrorStreamCaptureInvalidated);
    CHECK(a.values() == Floats{1});
    cublasDestroy(handle);
}

TEST_CASE("allocating is forbidden by the mode of the capture, and in which thread") {
    const FreshDevice fresh;
    const Stream stream;
    struct Case {
        cudaStreamCaptureMode mode;
        bool other_thread;
        cudaError_t expected;
    };
    const cudaError_t unsupported = cudaErrorStreamCaptureUnsupported;
    const Case cases[] = {
        {cudaStreamCaptureModeGlobal, false, unsupported},      {cudaStreamCaptureModeGlobal, true, unsupported},
        {cudaStreamCaptureModeThreadLocal, false, unsupported}, {cudaStreamCaptureModeThreadLocal, true, cudaSuccess},
        {cudaStreamCaptureModeRelaxed, false, cudaSuccess},     {cudaStreamCaptureModeRelaxed, true, cudaSuccess},
    };
    for (const Case& c : cases) {
        CAPTURE(c.mode);
        CAPTURE(c.other_thread);
        stream.begin(c.mode);
        float* memory = nullptr;
        cudaError_t error = cudaSuccess;
        const auto allocate = [&] { error = cudaMalloc(&memory, 4); };
        if (c.other_thread) std::thread(allocate).join();
        else allocate();
        CHECK(error == c.expected);
        CHECK((memory != nullptr) == (c.expected == cudaSuccess));
        const bool lost = c.expected != cudaSuccess;
        CHECK(stream.status() == (lost ? cudaStreamCaptureStatusInvalidated : cudaStreamCaptureStatusActive));
        cudaGraph_t graph = nullptr;
        CHECK(cudaStreamEndCapture(stream.value, &graph) == (lost ? cudaErrorStreamCaptureInvalidated : cudaSuccess));
        CHECK((graph != nullptr) == !lost);
        if (graph != nullptr) CHECK(cudaGraphDestroy(graph) == cudaSuccess);
        CHECK(cudaFree(memory) == cudaSuccess);
    }
    const DeviceArray<float> other(1);
    float* memory = nullptr;
    REQUIRE(cudaMalloc(&memory, 4) == cudaSuccess);
    stream.begin(cudaStreamCaptureModeGlobal);
    const std::uint64_t alive = standin::counters().live_allocations;
    CHECK(cudaFree(memory) == unsupported);  // the memory is freed all the same
    CHECK(standin::counters().live_allocations == alive - 1);
    cudaGraph_t graph = nullptr;
    CHECK(cudaStreamEndCapture(stream.value, &graph) == cudaErrorStreamCaptureInvalidated);
}

TEST_CASE("captures and handles misused give errors") {
    const FreshDevice fresh;
    const Stream working;
    cudaGraph_t graph = nullptr;
    cudaStreamCaptureStatus status{};
    {
        const Stream stream;
        CHECK(cudaStreamEndCapture(stream.value, &graph) == cudaErrorStreamCaptureUnmatched);
        CHECK(cudaStreamBeginCapture(stream.value, static_cast<cudaStreamCaptureMode>(3)) == cudaErrorInvalidValue);
        CHECK(cudaStreamBeginCapture(nullptr, cudaStreamCaptureModeRelaxed) == cudaErrorStreamCaptureUnsupported);
        stream.begin();
        const Stream other;
        CHECK(cudaStreamEndCapture(other.value, &graph) == cudaErrorStreamCaptureUnmatched);
        CHECK(cudaStreamIsCapturing(nullptr, &status) == cudaErrorStreamCaptureImplicit);
        CHECK(stream.status() == cudaStreamCaptureStatusActive);  // none of these invalidated it
    }
    // A stream that is destroyed while it captures: by its owner above, by a direct call here.
    cudaStream_t stream = nullptr;
    REQUIRE(cudaStreamCreate(&stream) == cudaSuccess);
    REQUIRE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal) == cudaSuccess);
    std::thread([&] { CHECK(cudaStreamEndCapture(stream, &graph) == cudaErrorStreamCaptureWrongThread); }).join();
    CHECK(cudaStreamDestroy(stream) == cudaErrorStreamCaptureUnsupported);
    CHECK(cudaStreamEndCapture(stream, &graph) == cudaErrorInvalidResourceHandle);
    CHECK(cudaStreamIsCapturing(stream, &status) == cudaErrorInvalidResourceHandle);
    CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed) == cudaErrorInvalidResourceHandle);
    CHECK(cudaDeviceSynchronize() == cudaSuccess);

    cudaGraphExec_t executable = nullptr;
    cudaGraphExecUpdateResultInfo info{};
    std::size_t count = 0;
    CHECK(cudaGraphInstantiate(&executable, nullptr, 0) == cudaErrorInvalidResourceHandle);
    CHECK(cudaGraphLaunch(executable, nullptr) == cudaErrorInvalidResourceHandle);
    {
        const Graph made(working, [] {});
        CHECK(cudaGraphInstantiate(&executable, made.value, 4) == cudaErrorNotSupported);
        const Executable ready(made);
        CHECK(cudaGraphLaunch(ready.value, stream) == cudaErrorInvalidResourceHandle);
        CHECK(cudaGraphExecUpdate(ready.value, made.value, nullptr) == cudaErrorInvalidValue);
        CHECK(cudaGraphExecUpdate(ready.value, nullptr, &info) == cudaErrorInvalidResourceHandle);
        CHECK(info.result == cudaGraphExecUpdateError);
        graph = made.value;
        executable = ready.value;
    }
    CHECK(cudaGraphGetNodes(graph, nullptr, &count) == cudaErrorInvalidResourceHandle);
    CHECK(cudaGraphDestroy(graph) == cudaErrorInvalidResourceHandle);
    CHECK(cudaGraphLaunch(executable, working.value) == cudaErrorInvalidResourceHandle);
    CHECK(cudaGraphExecDestroy(executable) == cudaErrorInvalidResourceHandle);
    CHECK(std::string(cudaGetErrorName(cudaErrorGraphExecUpdateFailure)) == "cudaErrorGraphExecUpdateFailure");
}
