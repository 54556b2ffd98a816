// Graphs: what is captured, what runs when, and what may change between two launches. Also part of the program with the
// race check.
#include <thrust/fill.h>
#include <thrust/system/cuda/execution_policy.h>
#include <thrust/transform.h>

#include <array>

#include "cublas_v2.h"
#include "graphs.hpp"
#include "nvtx3/nvToolsExt.h"

using namespace graphs;

namespace {

[[maybe_unused]] __global__ void all_write(float* out) { out[0] = static_cast<float>(blockIdx.x); }
__global__ void stuck(bool never) {
    if (never || threadIdx.x == 0) __syncthreads();
    if (threadIdx.x == 1) __syncwarp(3);
}

struct Twice {
    __device__ float operator()(float x) const { return 2 * x; }
};
struct Half {
    __device__ float operator()(float x) const { return x / 2; }
};

}  // namespace

TEST_CASE("a capture runs nothing, and each launch of the graph runs all of it on the data of that moment") {
    const FreshDevice fresh;
    const Stream stream;
    const Pinned host(2);
    DeviceArray<float> a(Floats{1, 2}), b(Floats{0, 0}), c(Floats{5, 5});
    cublasHandle_t handle = nullptr;
    REQUIRE(cublasCreate(&handle) == CUBLAS_STATUS_SUCCESS);
    REQUIRE(cublasSetStream(handle, stream.value) == CUBLAS_STATUS_SUCCESS);
    float value = 10, alpha = 3, beta = 0;
    const Graph graph(stream, [&] {
        CHECK(stream.status() == cudaStreamCaptureStatusActive);
        CHECK(cudaMemcpyAsync(a.get(), host.values, 8, cudaMemcpyHostToDevice, stream.value) == cudaSuccess);
        CHECK(cudaMemsetAsync(b.get(), 0, 8, stream.value) == cudaSuccess);
        CHECK(stream.launch(2, add, b.get(), value) == cudaSuccess);
        thrust::transform(thrust::cuda::par_nosync.on(stream.value), a.get(), a.get() + 2, a.get(), Twice());
        CHECK(cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_N, 2, 1, 1, &alpha, a.get(), 2, b.get(), 1, &beta, c.get(),
                          2) == CUBLAS_STATUS_SUCCESS);
        CHECK(cudaMemcpyAsync(host.values, c.get(), 8, cudaMemcpyDeviceToHost, stream.value) == cudaSuccess);
    });
    value = alpha = beta = 1e6f;  // the capture has copies of these values
    cublasDestroy(handle);        // the graph does not need the handle
    CHECK(stream.status() == cudaStreamCaptureStatusNone);
    CHECK(graph.nodes() == 6);
    CHECK(a.values() == Floats{1, 2});
    CHECK(c.values() == Floats{5, 5});

    const Executable executable(graph);
    host.values[0] = 1;
    host.values[1] = 2;
    REQUIRE(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
    CHECK(c.values() == Floats{3 * 2 * 10, 3 * 4 * 10});
    CHECK(host.values[1] == 120);
    REQUIRE(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);  // on the results of the first launch
    CHECK(c.values() == Floats{60 * 2 * 30, 120 * 2 * 30});
}

TEST_CASE("a graph and its executable live on their own, and can be asked for their nodes") {
    const FreshDevice fresh;
    const Stream stream;
    DeviceArray<float> a(Floats{0, 0});
    standin::reset_counters();
    cudaGraphExec_t executable = nullptr;
    {
        const Graph graph(stream, [&] {
            for (unsigned i = 1; i < 3; ++i) CHECK(stream.launch(i, add, a.get(), 1.0f) == cudaSuccess);
        });
        std::array<cudaGraphNode_t, 3> nodes{nullptr, nullptr, reinterpret_cast<cudaGraphNode_t>(&nodes)};
        std::size_t count = nodes.size();
        REQUIRE(cudaGraphGetNodes(graph.value, nodes.data(), &count) == cudaSuccess);
        CHECK(count == 2);
        CHECK((nodes[0] != nullptr && nodes[1] != nullptr && nodes[2] == nullptr));
        count = 1;
        REQUIRE(cudaGraphGetNodes(graph.value, nodes.data(), &count) == cudaSuccess);
        CHECK(count == 1);
        REQUIRE(cudaGraphInstantiate(&executable, graph.value, 0) == cudaSuccess);
        CHECK(standin::counters().graphs == 1);
    }
    CHECK(standin::counters().graphs == 0);
    CHECK(standin::counters().graph_executables == 1);
    {
        const Stream other;
        CHECK(cudaGraphLaunch(executable, other.value) == cudaSuccess);
    }
    CHECK(cudaGraphLaunch(executable, nullptr) == cudaSuccess);
    CHECK(a.values() == Floats{4, 2});
    CHECK(cudaGraphExecDestroy(executable) == cudaSuccess);
    CHECK(standin::counters().graph_executables == 0);
}

TEST_CASE("an update takes other arguments, grids and sizes") {
    const FreshDevice fresh;
    const Stream stream;
    DeviceArray<float> a(Floats{0, 0, 0, 0});
    const auto work = [&](unsigned blocks, float value, std::size_t bytes) {
        return [&stream, &a, blocks, value, bytes] {
            CHECK(cudaMemsetAsync(a.get(), 0, bytes, stream.value) == cudaSuccess);
            CHECK(stream.launch(blocks, add, a.get(), value) == cudaSuccess);
        };
    };
    const Graph first(stream, work(1, 5, 4));
    const Executable executable(first);
    REQUIRE(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
    CHECK(a.values() == Floats{5, 0, 0, 0});
    {
        const Graph second(stream, work(3, 7, 16));
        CHECK(executable.update(second) == cudaGraphExecUpdateSuccess);
    }
    REQUIRE(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
    CHECK(a.values() == Floats{7, 7, 7, 0});
}

TEST_CASE("an update with other work fails and leaves the executable as it was") {
    const FreshDevice fresh;
    const Stream stream;
    const Pinned host(1);
    DeviceArray<float> a(Floats{1});
    const auto policy = thrust::cuda::par_nosync.on(stream.value);
    const auto copy = [&](void* to, const void* from) {
        CHECK(cudaMemcpyAsync(to, from, 4, cudaMemcpyDefault, stream.value) == cudaSuccess);
    };
    const Graph graph(stream, [&] {
        CHECK(stream.launch(1, add, a.get(), 1.0f) == cudaSuccess);
        copy(host.values, a.get());
        thrust::transform(policy, a.get(), a.get() + 1, a.get(), Twice());
    });
    const auto other = [&](auto kernel, bool to_host, bool twice, bool more) {
        return Graph(stream, [&] {
            CHECK(stream.launch(1, kernel, a.get(), 100.0f) == cudaSuccess);
            to_host ? copy(host.values, a.get()) : copy(a.get(), host.values);
            if (twice) thrust::transform(policy, a.get(), a.get() + 1, a.get(), Twice());
            else thrust::transform(policy, a.get(), a.get() + 1, a.get(), Half());
            if (more) CHECK(cudaMemsetAsync(a.get(), 0, 4, stream.value) == cudaSuccess);
        });
    };
    const Executable executable(graph);
    CHECK(executable.update(other(multiply, true, true, false)) == cudaGraphExecUpdateErrorUnsupportedFunctionChange);
    CHECK(executable.update(other(add, false, true, false)) == cudaGraphExecUpdateErrorParametersChanged);
    CHECK(executable.update(other(add, true, false, false)) == cudaGraphExecUpdateErrorUnsupportedFunctionChange);
    CHECK(executable.update(other(add, true, true, true)) == cudaGraphExecUpdateErrorTopologyChanged);
    CHECK(executable.update(Graph(stream, [] {})) == cudaGraphExecUpdateErrorTopologyChanged);
    const Graph kinds(stream, [&] {
        for (int i = 0; i < 3; ++i) CHECK(stream.launch(1, add, a.get(), 100.0f) == cudaSuccess);
    });
    cudaGraphExecUpdateResultInfo info{};
    CHECK(cudaGraphExecUpdate(executable.value, kinds.value, &info) == cudaErrorGraphExecUpdateFailure);
    CHECK(info.result == cudaGraphExecUpdateErrorNodeTypeChanged);
    std::array<cudaGraphNode_t, 3> nodes{};
    std::size_t count = nodes.size();
    REQUIRE(cudaGraphGetNodes(kinds.value, nodes.data(), &count) == cudaSuccess);
    CHECK(info.errorNode == nodes[1]);
    CHECK(cudaGetLastError() == cudaErrorGraphExecUpdateFailure);

    REQUIRE(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
    CHECK(a.values() == Floats{4});
    CHECK(host.values[0] == 2);
}

TEST_CASE("only an external record of an event is a node, and it records when the graph runs") {
    const FreshDevice fresh;
    const Stream stream;
    const Event plain, first, last;
    CHECK(cudaEventRecordWithFlags(first.value, stream.value, cudaEventRecordExternal) == cudaErrorInvalidValue);
    const Graph graph(stream, [&] {
        CHECK(cudaEventRecord(plain.value, stream.value) == cudaSuccess);
        for (const cudaEvent_t event : {first.value, last.value})
            CHECK(cudaEventRecordWithFlags(event, stream.value, cudaEventRecordExternal) == cudaSuccess);
    });
    CHECK(graph.nodes() == 2);
    float time = -1;
    CHECK(cudaEventElapsedTime(&time, first.value, last.value) == cudaErrorInvalidResourceHandle);
    const Executable executable(graph);
    REQUIRE(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
    CHECK(cudaEventElapsedTime(&time, first.value, last.value) == cudaSuccess);
    CHECK(time >= 0);
    CHECK(cudaEventSynchronize(plain.value) == cudaErrorCapturedEvent);
}

TEST_CASE("a kernel that fails in a graph is an error of the next synchronisation and of everything after") {
    const FreshDevice fresh;
    const Stream stream;
    DeviceArray<float> a(Floats{0, 0});
    const Graph graph(stream, [&] {
        for (int i = 0; i < 3; ++i) CHECK(stream.launch(2, add, a.get(), 1.0f) == cudaSuccess);
    });
    const Executable executable(graph);
    standin::device().fail_kernel = 5;  // the second kernel in the second launch of the graph
    CHECK(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
    CHECK(cudaStreamSynchronize(stream.value) == cudaSuccess);
    CHECK(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
    CHECK(cudaStreamSynchronize(stream.value) == cudaErrorLaunchFailure);
    CHECK(cudaGraphLaunch(executable.value, stream.value) == cudaErrorLaunchFailure);
    cudaGraphExec_t other = nullptr;
    CHECK(cudaGraphInstantiate(&other, graph.value, 0) == cudaErrorLaunchFailure);
    CHECK(cudaStreamBeginCapture(stream.value, cudaStreamCaptureModeRelaxed) == cudaErrorLaunchFailure);
    standin::reset();
    CHECK(a.values() == Floats{5, 4});
}

TEST_CASE("a node whose memory or event is gone is a fault, and names the range of its capture") {
    const FreshDevice fresh;
    const Stream stream;
    const auto run_twice = [&](const std::function<void()>& work, const std::function<void()>& destroy) {
        const Graph graph(stream, work);
        const Executable executable(graph);
        REQUIRE(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
        CHECK(cudaStreamSynchronize(stream.value) == cudaSuccess);
        destroy();
        CHECK(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
        CHECK(cudaStreamSynchronize(stream.value) == cudaErrorIllegalAddress);
        std::vector<std::string> faults = standin::take_faults();
        standin::reset();
        REQUIRE(!faults.empty());
        return faults.back();
    };
    float *memory = nullptr, *host = nullptr;
    REQUIRE(cudaMalloc(&memory, 4) == cudaSuccess);
    REQUIRE(cudaMallocHost(&host, 4) == cudaSuccess);
    const auto set = [&] { CHECK(cudaMemsetAsync(memory, 0, 4, stream.value) == cudaSuccess); };
    const auto copy = [&] {
        CHECK(cudaMemcpyAsync(memory, host, 4, cudaMemcpyHostToDevice, stream.value) == cudaSuccess);
    };
    CHECK(run_twice(copy, [&] { cudaFreeHost(host); }).find("node 0 of 1 can no longer run") != std::string::npos);
    CHECK(run_twice(set, [&] { cudaFree(memory); }).find("cudaErrorInvalidValue") != std::string::npos);
    cudaEvent_t event = nullptr;
    REQUIRE(cudaEventCreate(&event) == cudaSuccess);
    const auto record = [&] {
        CHECK(cudaEventRecordWithFlags(event, stream.value, cudaEventRecordExternal) == cudaSuccess);
    };
    CHECK(run_twice(record, [&] { cudaEventDestroy(event); }).find("cudaErrorInvalidResourceHandle") !=
          std::string::npos);

    nvtxRangePushA("layer 7");
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(1);
    config.blockDim = dim3(2);
    config.stream = stream.value;
    const Graph graph(stream, [&] { CHECK(cudaLaunchKernelEx(&config, stuck, false) == cudaSuccess); });
    nvtxRangePop();
    const Executable executable(graph);
    CHECK(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
    check_one_fault({"deadlock", "layer 7"});
    CHECK(standin::current_range().empty());
}

TEST_CASE("captured work is counted each time a graph runs it, and not before") {
    const FreshDevice fresh;
    const Stream stream;
    const Pinned host(1);
    DeviceArray<float> a(Floats{1});
    standin::reset_counters();
    const Graph graph(stream, [&] {
        CHECK(cudaMemsetAsync(a.get(), 0, 4, stream.value) == cudaSuccess);
        CHECK(stream.launch(1, add, a.get(), 1.0f) == cudaSuccess);
        CHECK(stream.launch(1, multiply, a.get(), 2.0f) == cudaSuccess);
        thrust::fill(thrust::cuda::par_nosync.on(stream.value), a.get(), a.get() + 1, 3.0f);
        CHECK(cudaMemcpyAsync(host.values, a.get(), 4, cudaMemcpyDeviceToHost, stream.value) == cudaSuccess);
    });
    const Executable executable(graph);
    const auto check = [&](std::uint64_t times) {
        const standin::Counters c = standin::counters();
        CHECK(c.graph_launches == times);
        CHECK(c.launches == 2 * times);
        CHECK(standin::launches_of(multiply) == times);
        CHECK(c.asynchronous_sets == times);
        CHECK(c.asynchronous_copies == times);
        CHECK(c.library_calls == times);
        CHECK(c.synchronisations() == 0);
    };
    check(0);
    for (int i = 0; i < 3; ++i) REQUIRE(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
    check(3);
    standin::reset_counters();
    CHECK(standin::counters().graph_launches == 0);
    CHECK(standin::counters().graphs == 1);
}

#if defined(__SANITIZE_THREAD__)
TEST_CASE("a race inside a graph is found when the graph runs, and kernels of a graph do not race") {
    const FreshDevice fresh;
    REQUIRE(standin::race_check_present());
    const Stream stream;
    DeviceArray<float> a(Floats{0, 0, 0, 0});
    const Graph clean(stream, [&] {
        CHECK(stream.launch(4, add, a.get(), 1.0f) == cudaSuccess);
        CHECK(stream.launch(4, multiply, a.get(), 3.0f) == cudaSuccess);
        CHECK(stream.launch(1, all_write, a.get()) == cudaSuccess);
    });
    const Executable executable(clean);
    REQUIRE(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
    REQUIRE(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
    CHECK(standin::faults().empty());
    const Graph planted(stream, [&] {
        CHECK(stream.launch(4, add, a.get(), 1.0f) == cudaSuccess);
        CHECK(stream.launch(4, multiply, a.get(), 3.0f) == cudaSuccess);
        CHECK(stream.launch(4, all_write, a.get()) == cudaSuccess);
    });
    CHECK(standin::faults().empty());
    CHECK(executable.update(planted) == cudaGraphExecUpdateSuccess);
    REQUIRE(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
    check_one_fault({"race between blocks: kernel launch 9", "block 1, thread 0 writes allocation"});
}
#endif
