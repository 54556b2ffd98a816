// The runtime around the kernels: devices, errors, memory, counts, and the failures that the environment variable can
// inject.
#include <cstring>
#include <stdexcept>
#include <tuple>

#include "device_array.hpp"
#include "nvtx3/nvToolsExt.h"
#include "tensor/cuda/instructions.cuh"

namespace {

__global__ void set_all(int* out, int value) { out[blockIdx.x * blockDim.x + threadIdx.x] = value; }

__global__ void write_shared(int index) { tensor::cuda::dynamic_shared<int>()[index] = 1; }

[[maybe_unused]] __global__ void write_at(int* out, int index) { out[index] = 1; }

struct Wide {
    char bytes[32000];
};
struct Half {
    char bytes[800];
};
__global__ void take_wide(Wide, Half) {}

}  // namespace

TEST_CASE("the device is what the test or MUSEGAN_STANDIN says") {
    const FreshDevice fresh;
    standin::device() = standin::parse_device("name=Card,capability=7.0,memory=300000000,multiprocessors=3");
    cudaDeviceProp properties;
    REQUIRE(cudaGetDeviceProperties(&properties, 0) == cudaSuccess);
    CHECK(std::strcmp(properties.name, "Card") == 0);
    CHECK(properties.major * 10 + properties.minor == 70);
    CHECK(properties.totalGlobalMem == 300000000);
    CHECK(cudaGetDeviceProperties(&properties, 1) == cudaErrorInvalidDevice);
    int value = 0;
    REQUIRE(cudaDeviceGetAttribute(&value, cudaDevAttrMultiProcessorCount, 0) == cudaSuccess);
    CHECK(value == 3);
    CHECK(launch(1, 1, 0, write_shared, 0) == cudaErrorNoKernelImageForDevice);

    int count = -1;
    standin::device() = standin::parse_device("devices=0");
    CHECK(cudaGetDeviceCount(&count) == cudaErrorNoDevice);
    CHECK(count == 0);
    standin::device() = standin::parse_device("driver=11040");
    CHECK(cudaGetDeviceCount(&count) == cudaErrorInsufficientDriver);
    CHECK(cudaDriverGetVersion(&count) == cudaSuccess);
    CHECK(count == 11040);

    CHECK_THROWS_WITH_AS(standin::parse_device("memroy=3"), doctest::Contains("\"memroy=3\", expected devices"),
                         std::invalid_argument);
    CHECK_THROWS_AS(standin::parse_device("memory=3x"), std::invalid_argument);
    CHECK_THROWS_AS(standin::parse_device("capability=8"), std::invalid_argument);
    CHECK_THROWS_AS(standin::parse_device("devices"), std::invalid_argument);
}

TEST_CASE("launches are checked as a driver checks them") {
    const FreshDevice fresh;
    DeviceArray<int> out(1);
    CHECK(launch(1, 1025, 0, set_all, out.get(), 1) == cudaErrorInvalidConfiguration);
    CHECK(launch(0, 1, 0, set_all, out.get(), 1) == cudaErrorInvalidConfiguration);
    CHECK(launch(dim3(1, 65536), 1, 0, set_all, out.get(), 1) == cudaErrorInvalidConfiguration);
    CHECK(launch(1, dim3(1, 1, 65), 0, set_all, out.get(), 1) == cudaErrorInvalidConfiguration);
    CHECK(cudaGetLastError() == cudaErrorInvalidConfiguration);
    CHECK(cudaGetLastError() == cudaSuccess);

    CHECK(launch(1, 1, 49153, write_shared, 0) == cudaErrorInvalidValue);
    CHECK(cudaFuncSetAttribute(write_shared, cudaFuncAttributeMaxDynamicSharedMemorySize, 100 << 10) ==
          cudaErrorInvalidValue);
    CHECK(cudaFuncSetAttribute(write_shared, cudaFuncAttributeMaxDynamicSharedMemorySize, 65536) == cudaSuccess);
    CHECK(launch(1, 1, 65536, write_shared, 16383) == cudaSuccess);

    CHECK(launch(1, 1, 0, take_wide, Wide{}, Half{}) == cudaErrorInvalidValue);
    check_one_fault({"kernel parameters of 32800 bytes"});
    CHECK(standin::counters().launches == 1);  // only the launches that ran
}

TEST_CASE("injected failures: a kernel that ends midway, a cudaMalloc without memory") {
    const FreshDevice fresh;
    standin::device().fail_kernel = 2;
    DeviceArray<int> out(std::vector<int>(4, 0));
    CHECK(launch(4, 1, 0, set_all, out.get(), 1) == cudaSuccess);
    CHECK(launch(4, 1, 0, set_all, out.get(), 2) == cudaSuccess);
    cudaStream_t stream = nullptr;
    CHECK(cudaStreamSynchronize(stream) == cudaErrorLaunchFailure);
    CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaErrorLaunchFailure);
    standin::reset();
    CHECK(out.values() == std::vector<int>{2, 2, 1, 1});

    standin::device().fail_malloc = 2;
    int* address = nullptr;
    DeviceArray<int> first(1);
    CHECK(cudaMalloc(&address, 4) == cudaErrorMemoryAllocation);
    CHECK(cudaGetLastError() == cudaErrorMemoryAllocation);
    DeviceArray<int> third(1);
    standin::device().total_memory = 1000;
    CHECK(cudaMalloc(&address, 1000) == cudaErrorMemoryAllocation);
    std::size_t free = 0, total = 0;
    CHECK(cudaMemGetInfo(&free, &total) == cudaSuccess);
    CHECK(free == 1000 - 16 - 8);
}

TEST_CASE("fresh device memory is NaN") {
    const FreshDevice fresh;
    CHECK(DeviceArray<unsigned>(3).values() == std::vector<unsigned>(3, 0xffffffffu));
}

// In a build with the address sanitizer, that sanitizer stops the program at these writes.
#if !defined(__SANITIZE_ADDRESS__)
TEST_CASE("writes past the end of device and of shared memory are found") {
    const FreshDevice fresh;
    {
        DeviceArray<int> out(3);
        CHECK(standin::check_guards());
        REQUIRE(launch(1, 1, 0, write_at, out.get(), 3) == cudaSuccess);
        CHECK_FALSE(standin::check_guards());
        check_one_fault({"overrun", "(12 bytes) was written at byte 12"});
        REQUIRE(launch(1, 1, 0, write_at, out.get(), -1) == cudaSuccess);
    }
    check_one_fault({"overrun", "was written at byte -4"});
    REQUIRE(launch(2, 1, 20, write_shared, 5) == cudaSuccess);
    const std::vector<std::string> faults = standin::take_faults();
    REQUIRE(faults.size() == 2);
    CHECK(faults[1].find("shared memory (20 bytes) of kernel launch 3, block 1 was written at byte 20") !=
          std::string::npos);
}
#endif

TEST_CASE("copies and fills outside an allocation are refused and named") {
    const FreshDevice fresh;
    DeviceArray<int> a(4);
    int host[8] = {};
    CHECK(cudaMemcpyAsync(a.get() + 1, host, 16, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
    check_one_fault({"cudaMemcpy, target", "16 bytes", "+4"});
    CHECK(cudaMemcpy(host, host + 4, 16, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue);
    check_one_fault({"cudaMemcpy, source"});
    CHECK(cudaMemcpy(a.get(), a.get(), 16, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
    check_one_fault({"expected host memory"});
    CHECK(cudaMemsetAsync(a.get(), 0, 17) == cudaErrorInvalidValue);
    check_one_fault({"cudaMemset"});
    CHECK(cudaMemsetAsync(a.get(), 0, 16) == cudaSuccess);
    CHECK(a.values() == std::vector<int>(4, 0));
    CHECK(cudaFree(a.get() + 1) == cudaErrorInvalidValue);
    check_one_fault({"cudaFree"});
}

TEST_CASE("synchronisations, launches and what is alive are counted") {
    const FreshDevice fresh;
    DeviceArray<int> a(2);
    standin::reset_counters();
    REQUIRE(launch(2, 1, 0, set_all, a.get(), 3) == cudaSuccess);
    REQUIRE(launch(1, 1, 4, write_shared, 0) == cudaSuccess);
    int host[2];
    REQUIRE(cudaMemcpyAsync(host, a.get(), 8, cudaMemcpyDeviceToHost) == cudaSuccess);
    CHECK(standin::counters().synchronisations() == 0);
    CHECK(standin::counters().launches == 2);
    CHECK(standin::launches_of(set_all) == 1);
    CHECK(standin::counters().live_bytes == 8);

    cudaStream_t stream;
    cudaEvent_t event;
    REQUIRE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);
    REQUIRE(cudaEventCreateWithFlags(&event, cudaEventDisableTiming) == cudaSuccess);
    CHECK(standin::counters().streams + standin::counters().events == 2);
    CHECK(cudaEventRecord(event, stream) == cudaSuccess);
    CHECK(cudaStreamWaitEvent(stream, event) == cudaSuccess);
    CHECK(cudaEventSynchronize(event) == cudaSuccess);
    CHECK(cudaStreamSynchronize(stream) == cudaSuccess);
    CHECK(cudaDeviceSynchronize() == cudaSuccess);
    CHECK(cudaMemcpy(host, a.get(), 8, cudaMemcpyDeviceToHost) == cudaSuccess);
    const standin::Counters counters = standin::counters();
    CHECK(std::tuple(counters.event_synchronisations, counters.stream_synchronisations,
                     counters.device_synchronisations, counters.synchronous_copies) == std::tuple(1u, 1u, 1u, 1u));
    CHECK(cudaEventDestroy(event) == cudaSuccess);
    CHECK(cudaStreamDestroy(stream) == cudaSuccess);
    CHECK(cudaStreamDestroy(stream) == cudaErrorInvalidResourceHandle);
    CHECK(launch(1, 1, 4, write_shared, 0) == cudaSuccess);
}

TEST_CASE("NVTX ranges are kept on request and name the kernel of a fault") {
    const FreshDevice fresh;
    standin::record_ranges(true);
    nvtxRangePushA("layer 1");
    nvtxRangePushA("conv3d");
    int* nothing = nullptr;
    CHECK(cudaMemsetAsync(nothing, 0, 4) == cudaErrorInvalidValue);
    standin::take_faults();
    CHECK(standin::current_range() == "layer 1 > conv3d");
    nvtxRangePop();
    nvtxRangePop();
    CHECK(standin::open_ranges() == 0);
    CHECK(standin::take_ranges() == std::vector<std::string>{"layer 1", "layer 1 > conv3d"});
}

TEST_CASE("an asynchronous copy from memory that is not pinned is read late if the test wants that") {
    const FreshDevice fresh;
    DeviceArray<float> a(std::vector<float>{0, 0}), b(std::vector<float>{0});
    cudaStream_t stream = nullptr;
    REQUIRE(cudaStreamCreate(&stream) == cudaSuccess);
    float pageable = 0;
    float* pinned = nullptr;
    REQUIRE(cudaMallocHost(&pinned, 4) == cudaSuccess);
    const auto copy = [&](float* from, float* to) {
        *from = 1;
        REQUIRE(cudaMemcpyAsync(to, from, 4, cudaMemcpyHostToDevice, stream) == cudaSuccess);
        *from = 2;
    };
    copy(&pageable, a.get());
    CHECK(a.values()[0] == 1);
    standin::device().late_pageable_copies = true;
    copy(&pageable, a.get());
    copy(pinned, a.get() + 1);
    CHECK(a.values() == std::vector<float>{2, 1});
    // Whatever is issued next finds what was copied.
    copy(&pageable, a.get());
    REQUIRE(cudaMemcpyAsync(b.get(), a.get(), 4, cudaMemcpyDeviceToDevice, stream) == cudaSuccess);
    pageable = 3;
    CHECK(b.values() == std::vector<float>{2});
    CHECK(a.values()[0] == 2);
    CHECK(cudaMemcpyAsync(a.get() + 2, &pageable, 4, cudaMemcpyHostToDevice, stream) == cudaErrorInvalidValue);
    CHECK(standin::take_faults().size() == 1);
    cudaFreeHost(pinned);
    cudaStreamDestroy(stream);
}
