// The race check: planted races are found and named, and the same kernels without them are clean. This file is compiled
// with -fsanitize=thread and linked with race.cpp instead of that sanitizer's library.
#include "device_array.hpp"
#include "tensor/cuda/instructions.cuh"

using namespace tensor::cuda;

namespace {

__global__ void neighbour(int* out, bool barrier) {
    int* const shared = dynamic_shared<int>();
    shared[threadIdx.x] = static_cast<int>(threadIdx.x);
    if (barrier) __syncthreads();
    out[threadIdx.x] = shared[(threadIdx.x + 1) % blockDim.x];
}

// A common mistake: there is a barrier before the values are read, but none before they are overwritten.
__global__ void reuse(int* out, bool barrier) {
    int* const shared = dynamic_shared<int>();
    int sum = 0;
    for (int step = 0; step < 3; ++step) {
        shared[threadIdx.x] = step;
        __syncthreads();
        for (unsigned i = 0; i < blockDim.x; ++i) sum += shared[i];
        if (barrier) __syncthreads();
    }
    out[threadIdx.x] = sum;
}

__global__ void within_warp(int* out, bool barrier) {
    int* const shared = dynamic_shared<int>();
    shared[threadIdx.x] = static_cast<int>(threadIdx.x);
    if (barrier) __syncwarp();
    out[threadIdx.x] = shared[threadIdx.x ^ 1];
}

// A __syncwarp orders the lanes of a warp, not two warps.
__global__ void across_warps(int* out) {
    int* const shared = dynamic_shared<int>();
    shared[threadIdx.x] = static_cast<int>(threadIdx.x);
    __syncwarp();
    out[threadIdx.x] = shared[threadIdx.x ^ 32];
}

__global__ void each_block_writes(int* out, unsigned step) {
    if (threadIdx.x == 0) out[blockIdx.x * step] = static_cast<int>(blockIdx.x);
}

__global__ void read_then_write(const int* in, int* out) {
    out[threadIdx.x] = in[0];
    if (blockIdx.x == gridDim.x - 1 && threadIdx.x == 0) *const_cast<int*>(in) = 1;
}

__global__ void bytes(unsigned char* out) {
    out[threadIdx.x] = static_cast<unsigned char>(threadIdx.x);
    atomicAdd(reinterpret_cast<int*>(out) + 64, 1);
}

__global__ void vectors(float4* out, bool overlap) {
    out[overlap ? 0 : threadIdx.x] = make_float4(1, 2, 3, static_cast<float>(threadIdx.x));
}

__global__ void async_copy(const float* in, float* out, bool wait, bool barrier) {
    float* const shared = dynamic_shared<float>();
    copy_async_4(shared + threadIdx.x, in + threadIdx.x, true);
    commit_copies();
    if (wait) wait_for_copies<0>();
    if (barrier) __syncthreads();
    out[threadIdx.x] = shared[threadIdx.x ^ 1];
    wait_for_copies<0>();
}

__global__ void atomic_and_plain(int* out) {
    if (threadIdx.x == 5) out[0] = 1;
    else atomicAdd(out, 1);
}

}  // namespace

TEST_CASE("the race check is part of this program") { CHECK(standin::race_check_present()); }

TEST_CASE("reading a neighbour's shared memory without a barrier is a race, with one it is not") {
    const FreshDevice fresh;
    DeviceArray<int> out(96);
    REQUIRE(launch(4, 96, 96 * 4, neighbour, out.get() + 0, true) == cudaSuccess);
    // All blocks write the same words of the result, which is a race between blocks.
    CHECK(standin::take_faults().size() == 1);
    REQUIRE(launch(1, 96, 96 * 4, neighbour, out.get(), true) == cudaSuccess);
    CHECK(standin::faults().empty());
    REQUIRE(launch(1, 96, 96 * 4, neighbour, out.get(), false) == cudaSuccess);
    const std::vector<std::string> faults = standin::take_faults();
    REQUIRE(!faults.empty());
    CHECK(faults[0].find("race: kernel launch 3, block 0, thread ") == 0);
    CHECK(faults[0].find("shared memory +") != std::string::npos);
}

TEST_CASE("overwriting values that others still read is a race") {
    const FreshDevice fresh;
    DeviceArray<int> out(64);
    REQUIRE(launch(1, 64, 64 * 4, reuse, out.get(), true) == cudaSuccess);
    CHECK(standin::faults().empty());
    REQUIRE(launch(1, 64, 64 * 4, reuse, out.get(), false) == cudaSuccess);
    CHECK(!standin::take_faults().empty());
}

TEST_CASE("the lanes of a warp are ordered by __syncwarp, two warps are not") {
    const FreshDevice fresh;
    DeviceArray<int> out(64);
    REQUIRE(launch(1, 64, 64 * 4, within_warp, out.get(), true) == cudaSuccess);
    CHECK(standin::faults().empty());
    REQUIRE(launch(1, 64, 64 * 4, within_warp, out.get(), false) == cudaSuccess);
    CHECK(!standin::take_faults().empty());
    REQUIRE(launch(1, 64, 64 * 4, across_warps, out.get()) == cudaSuccess);
    CHECK(!standin::take_faults().empty());
}

TEST_CASE("two blocks that write one word of device memory race, launches do not") {
    const FreshDevice fresh;
    DeviceArray<int> out(8);
    REQUIRE(launch(4, 32, 0, each_block_writes, out.get(), 1u) == cudaSuccess);
    REQUIRE(launch(4, 32, 0, each_block_writes, out.get(), 1u) == cudaSuccess);
    CHECK(standin::faults().empty());
    REQUIRE(launch(4, 32, 0, each_block_writes, out.get() + 2, 0u) == cudaSuccess);
    check_one_fault({"race between blocks", "block 1, thread 0 writes allocation", "+8", "block 0, thread 0 wrote"});
}

TEST_CASE("a read of an earlier block counts even when later blocks read too") {
    const FreshDevice fresh;
    DeviceArray<int> in(1), out(1);
    REQUIRE(launch(1, 1, 0, read_then_write, in.get(), out.get()) == cudaSuccess);
    CHECK(standin::faults().empty());
    DeviceArray<int> results(1);
    REQUIRE(launch(3, 1, 0, read_then_write, in.get(), results.get()) == cudaSuccess);
    const std::vector<std::string> faults = standin::take_faults();
    REQUIRE(faults.size() == 2);  // `results` is written by all blocks
    CHECK(faults[1].find("which block 1, thread 0 read") != std::string::npos);
}

TEST_CASE("bytes of one word are different places, vectors are several words, atomics agree with each other") {
    const FreshDevice fresh;
    DeviceArray<unsigned char> out(512);
    REQUIRE(launch(1, 256, 0, bytes, out.get()) == cudaSuccess);
    CHECK(standin::faults().empty());
    DeviceArray<float4> wide(32);
    REQUIRE(launch(1, 32, 0, vectors, wide.get(), false) == cudaSuccess);
    CHECK(standin::faults().empty());
    REQUIRE(launch(1, 32, 0, vectors, wide.get(), true) == cudaSuccess);
    CHECK(!standin::take_faults().empty());
    DeviceArray<int> one(1);
    REQUIRE(launch(1, 32, 0, atomic_and_plain, one.get()) == cudaSuccess);
    CHECK(!standin::take_faults().empty());
}

TEST_CASE("a copy under way conflicts with everyone, and needs wait and barrier to be seen by others") {
    const FreshDevice fresh;
    DeviceArray<float> in(64), out(64);
    const auto run = [&](bool wait, bool barrier) {
        REQUIRE(launch(1, 64, 64 * 4, async_copy, in.get(), out.get(), wait, barrier) == cudaSuccess);
        return standin::take_faults().size();
    };
    CHECK(run(true, true) == 0);
    CHECK(run(true, false) > 0);
    CHECK(run(false, true) > 0);
}
