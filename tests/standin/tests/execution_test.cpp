// The execution model: coordinates, barriers, warp collectives, and what can go wrong with them.
#include <numeric>

#include "device_array.hpp"
#include "tensor/cuda/instructions.cuh"

using tensor::cuda::dynamic_shared;

namespace {

__global__ void write_coordinates(int* out) {
    const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
    const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
    out[block * threads + thread] += static_cast<int>(block * threads + thread) + 1;
}

// A sum by a tree in shared memory, for any number of threads; every thread waits several times.
__global__ void sum_block(const int* in, int* out, int count) {
    int* const shared = dynamic_shared<int>();
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x), t = static_cast<int>(threadIdx.x);
    shared[t] = i < count ? in[i] : 0;
    __syncthreads();
    for (int width = static_cast<int>(blockDim.x); width > 1;) {
        const int half = (width + 1) / 2;
        if (t + half < width) shared[t] += shared[t + half];
        __syncthreads();
        width = half;
    }
    if (t == 0) out[blockIdx.x] = shared[0];
}

__global__ void sum_warp(const double* in, double* out) {
    double value = in[threadIdx.x];
    for (unsigned delta = 16; delta > 0; delta /= 2) value += __shfl_down_sync(~0u, value, delta);
    value = __shfl_sync(~0u, value, 0);
    out[threadIdx.x] = value;
}

__global__ void exchange(const float* in, float* out) {
    out[threadIdx.x] = __shfl_xor_sync(~0u, in[threadIdx.x], 5) + 100 * __shfl_down_sync(~0u, in[threadIdx.x], 3u, 8);
}

__global__ void vote(int* out) {
    const int t = static_cast<int>(threadIdx.x);
    out[4 * t] = static_cast<int>(__ballot_sync(~0u, t % 32 < 3));
    out[4 * t + 1] = __any_sync(~0u, t == 40);
    out[4 * t + 2] = __all_sync(~0u, t < 32) + 2 * __syncthreads_or(t == 63);
    out[4 * t + 3] = __syncthreads_and(t < 63) + 2 * __syncthreads_and(t < 64);
}

// The half-warps take different branches, and each meets only its own lanes.
__global__ void halves(int* out) {
    const int t = static_cast<int>(threadIdx.x);
    if (t < 16) out[t] = __shfl_sync(0x0000ffffu, t, 3);
    else out[t] = __shfl_xor_sync(0xffff0000u, t, 1);
}

__global__ void return_early(int* out) {
    if (threadIdx.x >= 40) return;
    __syncthreads();
    out[threadIdx.x] = 1;
}

__global__ void diverge() {
    if (threadIdx.x < 32) {
        __syncthreads();
    } else {
        __syncthreads();
    }
}

__global__ void never_meet(int* out) {
    if (threadIdx.x == 31) return;
    *out = __shfl_sync(~0u, 1, 0);
}

__global__ void barrier_against_shuffle() {
    if (threadIdx.x < 16) __syncthreads();
    else __syncwarp();
}

__global__ void trap_at(unsigned block, int* out) {
    __syncthreads();
    if (blockIdx.x == block && threadIdx.x == 7) __trap();
    if (threadIdx.x == 0) out[blockIdx.x] = 1;
}

__global__ void count_up(int* sum, unsigned* bits, int* most) {
    atomicAdd(sum, 2);
    atomicOr(bits, 1u << threadIdx.x % 32);
    atomicMax(most, static_cast<int>(threadIdx.x));
}

}  // namespace

TEST_CASE("every thread of every block runs once with its own coordinates") {
    const FreshDevice fresh;
    const dim3 grid(3, 2, 2), block(5, 3, 7);
    const std::size_t count = 12 * 105;
    DeviceArray<int> out(std::vector<int>(count, 0));
    REQUIRE(launch(grid, block, 0, write_coordinates, out.get()) == cudaSuccess);
    std::vector<int> expected(count);
    std::iota(expected.begin(), expected.end(), 1);
    CHECK(out.values() == expected);
}

TEST_CASE("a block reduction with barriers, at sizes that are multiples of a warp and others") {
    const FreshDevice fresh;
    for (const int threads : {1, 2, 31, 33, 77, 256, 1000, 1024}) {
        const int blocks = 3, count = threads * blocks - (threads > 5 ? 5 : 0);
        std::vector<int> in(static_cast<std::size_t>(count));
        std::iota(in.begin(), in.end(), 1);
        DeviceArray<int> a(in), out(3);
        REQUIRE(launch(3, static_cast<unsigned>(threads), static_cast<std::size_t>(threads) * 4, sum_block, a.get(),
                       out.get(), count) == cudaSuccess);
        const std::vector<int> sums = out.values();
        CHECK(std::accumulate(sums.begin(), sums.end(), 0) == count * (count + 1) / 2);
    }
}

TEST_CASE("warp shuffles: down, from a lane, exclusive or, in segments") {
    const FreshDevice fresh;
    std::vector<double> in(32);
    std::iota(in.begin(), in.end(), 0.25);
    DeviceArray<double> a(in), out(32);
    REQUIRE(launch(1, 32, 0, sum_warp, a.get(), out.get()) == cudaSuccess);
    CHECK(out.values() == std::vector<double>(32, 504.0));

    std::vector<float> lanes(32), expected(32);
    for (int i = 0; i < 32; ++i) {
        lanes[static_cast<std::size_t>(i)] = static_cast<float>(i);
        const int down = i % 8 + 3 < 8 ? i + 3 : i;
        expected[static_cast<std::size_t>(i)] = static_cast<float>((i ^ 5) + 100 * down);
    }
    DeviceArray<float> b(lanes), result(32);
    REQUIRE(launch(1, 32, 0, exchange, b.get(), result.get()) == cudaSuccess);
    CHECK(result.values() == expected);
}

TEST_CASE("votes of a warp and of a block, and half-warps in different branches") {
    const FreshDevice fresh;
    DeviceArray<int> out(4 * 64);
    REQUIRE(launch(1, 64, 0, vote, out.get()) == cudaSuccess);
    const std::vector<int> votes = out.values();
    CHECK(std::vector<int>(votes.begin(), votes.begin() + 4) == std::vector<int>{7, 0, 3, 2});
    CHECK(std::vector<int>(votes.end() - 4, votes.end()) == std::vector<int>{7, 1, 2, 2});

    DeviceArray<int> half(32);
    REQUIRE(launch(1, 32, 0, halves, half.get()) == cudaSuccess);
    for (int i = 0; i < 32; ++i) CHECK(half.values()[static_cast<std::size_t>(i)] == (i < 16 ? 3 : (i ^ 1)));
}

TEST_CASE("a barrier waits only for threads that have not returned") {
    const FreshDevice fresh;
    DeviceArray<int> out(std::vector<int>(64, 0));
    REQUIRE(launch(1, 64, 0, return_early, out.get()) == cudaSuccess);
    const std::vector<int> values = out.values();
    CHECK(std::accumulate(values.begin(), values.end(), 0) == 40);
}

TEST_CASE("a divergent barrier is named with both lines") {
    const FreshDevice fresh;
    REQUIRE(launch(1, 64, 0, diverge) == cudaSuccess);
    check_one_fault({"divergent barrier", "thread 32", "execution_test.cpp"});
}

TEST_CASE("collectives that can never complete are deadlocks, and end the kernel") {
    const FreshDevice fresh;
    DeviceArray<int> out(40);
    REQUIRE(launch(1, 32, 0, never_meet, out.get()) == cudaSuccess);
    check_one_fault(
        {"deadlock", "kernel launch 1, block 0", "thread 0 waits in __shfl_sync", "lane 31", "has returned"});
    CHECK(cudaDeviceSynchronize() == cudaErrorLaunchFailure);

    standin::reset();
    REQUIRE(launch(1, 32, 0, barrier_against_shuffle) == cudaSuccess);
    check_one_fault({"deadlock", "__syncthreads", "__syncwarp", "waits elsewhere"});
    standin::reset();
    REQUIRE(launch(1, 40, 0, never_meet, out.get()) == cudaSuccess);
    check_one_fault({"deadlock"});
    standin::reset();
    REQUIRE(launch(2, 32, 0, return_early, out.get()) ==
            cudaSuccess);  // the fibers that were left waiting can be used again
    CHECK(cudaDeviceSynchronize() == cudaSuccess);
}

TEST_CASE("a trap ends the kernel, the launch succeeds and every later call fails") {
    const FreshDevice fresh;
    DeviceArray<int> out(std::vector<int>(5, 0));
    CHECK(launch(5, 32, 0, trap_at, 2u, out.get()) == cudaSuccess);
    CHECK(cudaGetLastError() == cudaSuccess);
    // The host does not know of the error yet, and this kernel is not run.
    CHECK(launch(5, 32, 0, trap_at, 9u, out.get()) == cudaSuccess);
    CHECK(cudaDeviceSynchronize() == cudaErrorLaunchFailure);
    CHECK(launch(5, 32, 0, trap_at, 9u, out.get()) == cudaErrorLaunchFailure);
    CHECK(cudaGetLastError() == cudaErrorLaunchFailure);
    CHECK(cudaGetLastError() == cudaErrorLaunchFailure);
    standin::reset();
    CHECK(out.values() == std::vector<int>{1, 1, 1, 0, 0});
}

TEST_CASE("atomics on whole numbers") {
    const FreshDevice fresh;
    DeviceArray<int> sum(std::vector<int>{5}), most(std::vector<int>{0});
    DeviceArray<unsigned> bits(std::vector<unsigned>{0});
    REQUIRE(launch(3, 20, 0, count_up, sum.get(), bits.get(), most.get()) == cudaSuccess);
    CHECK(sum.values() == std::vector<int>{125});
    CHECK(bits.values() == std::vector<unsigned>{(1u << 20) - 1});
    CHECK(most.values() == std::vector<int>{19});
}
