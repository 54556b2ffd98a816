// Launches that may begin before their predecessor has ended: what they must do first, and behind what they may stand.
#include "graphs.hpp"
#include "tensor/cuda/instructions.cuh"

using graphs::Executable;
using graphs::Graph;
using graphs::Stream;

namespace {

constexpr int never = 100;

__global__ void add_one(int* out, int unless) {
    tensor::cuda::begin_kernel();
    if (static_cast<int>(threadIdx.x) != unless) out[threadIdx.x] += 1;
}

// The mistake: a return in front of the wait.
__global__ void return_first(int* out, int unless) {
    if (static_cast<int>(threadIdx.x) == unless) return;
    tensor::cuda::begin_kernel();
    out[threadIdx.x] += 1;
}

// The mistake: a value that is read in front of the wait. What lies in shared memory is the kernel's own.
__global__ void read_first(int* out, bool read) {
    int* const shared = tensor::cuda::dynamic_shared<int>();
    shared[threadIdx.x] = read ? out[threadIdx.x] : 0;
    tensor::cuda::begin_kernel();
    out[threadIdx.x] = shared[threadIdx.x] + 1;
}

/// A device of compute capability 9.0 without errors.
struct NewDevice : FreshDevice {
    NewDevice() { standin::device().major = 9, standin::device().minor = 0; }
};

template <typename... P, typename... A>
cudaError_t launch_early(cudaStream_t stream, void (*kernel)(P...), A&&... arguments) {
    cudaLaunchAttribute attribute{};
    attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attribute.val.programmaticStreamSerializationAllowed = 1;
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(1);
    config.blockDim = dim3(4);
    config.dynamicSmemBytes = 4 * sizeof(int);
    config.stream = stream;
    config.attrs = &attribute;
    config.numAttrs = 1;
    return cudaLaunchKernelEx(&config, kernel, std::forward<A>(arguments)...);
}

}  // namespace

TEST_CASE("early launches run, are counted, and are refused before compute capability 9.0") {
    const FreshDevice fresh;
    DeviceArray<int> out(std::vector<int>{1, 2, 3, 4});
    CHECK(launch_early(nullptr, add_one, out.get(), never) == cudaErrorNotSupported);
    CHECK(standin::counters().launches == 0);
    standin::device().major = 9;
    REQUIRE(launch(1, 4, 0, add_one, out.get(), never) == cudaSuccess);
    REQUIRE(launch_early(nullptr, add_one, out.get(), 1) == cudaSuccess);
    CHECK(standin::counters().launches == 2);
    CHECK(standin::counters().early_launches == 1);
    CHECK(out.values() == std::vector<int>{3, 3, 5, 6});
}

TEST_CASE(
    "a thread of an early launch that ends without a wait for the predecessors is a fault, of another it is none") {
    const NewDevice fresh;
    DeviceArray<int> out(std::vector<int>{0, 0, 0, 0});
    REQUIRE(launch(1, 4, 0, return_first, out.get(), 2) == cudaSuccess);
    REQUIRE(launch_early(nullptr, return_first, out.get(), never) == cudaSuccess);
    CHECK(standin::faults().empty());
    REQUIRE(launch_early(nullptr, return_first, out.get(), 2) == cudaSuccess);
    check_one_fault({"kernel launch 3, block 0, thread 2", "ended without waiting for the kernels before it"});
}

TEST_CASE("an early launch in front of the wait reads nothing of the device's memory") {
    const NewDevice fresh;
    DeviceArray<int> out(std::vector<int>{0, 0, 0, 0});
    REQUIRE(launch(1, 4, 4 * sizeof(int), read_first, out.get(), true) == cudaSuccess);
    REQUIRE(launch_early(nullptr, read_first, out.get(), false) == cudaSuccess);
    CHECK(standin::faults().empty());
    REQUIRE(launch_early(nullptr, read_first, out.get(), true) == cudaSuccess);
    if (standin::race_check_present())
        check_one_fault({"kernel launch 3, block 0, thread 0 reads allocation", "before it has waited"});
}

TEST_CASE("an early launch behind anything but one kernel of its stream is a fault") {
    const NewDevice fresh;
    DeviceArray<int> out(std::vector<int>{0, 0, 0, 0});
    const auto early = [&](const Stream& stream) {
        REQUIRE(launch_early(stream.value, add_one, out.get(), never) == cudaSuccess);
    };
    const Stream stream, side;
    REQUIRE(cudaMemsetAsync(out.get(), 0, 4, stream.value) == cudaSuccess);
    early(stream);
    check_one_fault({"kernel launch 1", "may begin early", "is not one kernel"});
    early(stream);
    CHECK(standin::faults().empty());

    cudaEvent_t event = nullptr;
    REQUIRE(cudaEventCreateWithFlags(&event, cudaEventDisableTiming) == cudaSuccess);
    const auto wait = [&](const Stream& from, const Stream& to) {
        REQUIRE(cudaEventRecord(event, from.value) == cudaSuccess);
        REQUIRE(cudaStreamWaitEvent(to.value, event, 0) == cudaSuccess);
    };
    std::vector<std::size_t> found;
    const Graph graph(stream, [&] {
        const auto note = [&] { found.push_back(standin::take_faults().size()); };
        early(stream), note();  // the first of the capture
        early(stream), note();
        wait(stream, side);
        early(side), note();  // the first of a branch
        early(side), note();
        wait(side, stream);
        early(stream), note();  // behind two kernels
        early(stream), note();
    });
    CHECK(found == std::vector<std::size_t>{1, 0, 1, 0, 1, 0});
    cudaEventDestroy(event);
}

TEST_CASE("a graph's early launches are checked each time that it runs") {
    const NewDevice fresh;
    DeviceArray<int> out(std::vector<int>{0, 0, 0, 0});
    const Stream stream;
    const Graph graph(stream, [&] {
        REQUIRE(stream.launch(1, add_one, out.get(), never) == cudaSuccess);
        REQUIRE(launch_early(stream.value, return_first, out.get(), 3) == cudaSuccess);
    });
    const Executable executable(graph);
    for (int i = 0; i < 2; ++i) {
        REQUIRE(cudaGraphLaunch(executable.value, stream.value) == cudaSuccess);
        check_one_fault({"thread 3 ended without waiting"});
    }
    CHECK(standin::counters().early_launches == 2);
}
