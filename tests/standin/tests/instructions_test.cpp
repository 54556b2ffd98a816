// The instructions behind tensor/cuda/instructions.cuh: asynchronous copies that land late, and tensor cores.
#include <cmath>
#include <limits>

#include "device_array.hpp"
#include "tensor/cuda/instructions.cuh"

using namespace tensor::cuda;

namespace {

constexpr int tile = 8;

// C = A B for square matrices of any size, with 8 x 8 threads and two tiles each of A and B being copied.
__global__ void tiled_product(const float* a, const float* b, float* c, int size) {
    float* const shared = dynamic_shared<float>();
    const int x = static_cast<int>(threadIdx.x), y = static_cast<int>(threadIdx.y);
    const int row = static_cast<int>(blockIdx.y) * tile + y, column = static_cast<int>(blockIdx.x) * tile + x;
    const int steps = (size + tile - 1) / tile;
    const auto load = [&](int step) {
        float* const stage = shared + step % 2 * 2 * tile * tile;
        const int ka = step * tile + x, kb = step * tile + y;
        copy_async_4(stage + y * tile + x, a + row * size + ka, row < size && ka < size);
        copy_async_4(stage + tile * tile + y * tile + x, b + kb * size + column, column < size && kb < size);
        commit_copies();
    };
    load(0);
    float sum = 0;
    for (int step = 0; step < steps; ++step) {
        if (step + 1 < steps) {
            load(step + 1);
            wait_for_copies<1>();
        } else {
            wait_for_copies<0>();
        }
        __syncthreads();
        const float* const stage = shared + step % 2 * 2 * tile * tile;
        for (int k = 0; k < tile; ++k) sum += stage[y * tile + k] * stage[tile * tile + k * tile + x];
        __syncthreads();
    }
    if (row < size && column < size) c[row * size + column] = sum;
}

__global__ void copy_rows(const float4* in, float4* out, bool wait) {
    float4* const shared = dynamic_shared<float4>();
    copy_async_16(shared + threadIdx.x, in + threadIdx.x, threadIdx.x != 2);
    commit_copies();
    if (wait) wait_for_copies<0>();
    out[threadIdx.x] = shared[threadIdx.x];
    wait_for_copies<0>();
}

__global__ void forget_to_wait(const float* in) {
    copy_async_4(dynamic_shared<float>() + threadIdx.x, in + threadIdx.x, true);
    if (threadIdx.x != 3) {
        commit_copies();
        wait_for_copies<0>();
    }
}

__global__ void copy_from(const float* in, int shared_offset) {
    copy_async_16(dynamic_shared<float>() + shared_offset, in, true);
    commit_copies();
    wait_for_copies<0>();
}

__global__ void multiply(const float* a, const float* b, float* c, bool round) {
    const unsigned lane = threadIdx.x, g = lane / 4, t = lane % 4;
    const auto bits = [&](float value) { return round ? to_tf32(value) : __float_as_uint(value); };
    FragmentA fa{{bits(a[g * 8 + t]), bits(a[(g + 8) * 8 + t]), bits(a[g * 8 + t + 4]), bits(a[(g + 8) * 8 + t + 4])}};
    FragmentB fb{{bits(b[t * 8 + g]), bits(b[(t + 4) * 8 + g])}};
    FragmentSum sum{{c[g * 8 + 2 * t], c[g * 8 + 2 * t + 1], c[(g + 8) * 8 + 2 * t], c[(g + 8) * 8 + 2 * t + 1]}};
    multiply_tf32(sum, fa, fb);
    c[g * 8 + 2 * t] = sum.values[0];
    c[g * 8 + 2 * t + 1] = sum.values[1];
    c[(g + 8) * 8 + 2 * t] = sum.values[2];
    c[(g + 8) * 8 + 2 * t + 1] = sum.values[3];
}

std::vector<float> small_integers(std::size_t count, unsigned seed) {
    std::vector<float> values(count);
    for (float& value : values) {
        seed = seed * 1664525u + 1013904223u;
        value = static_cast<float>(static_cast<int>(seed >> 24) % 15 - 7);
    }
    return values;
}

std::vector<float> product(const std::vector<float>& a, const std::vector<float>& b, std::vector<float> c, int m, int n,
                           int k) {
    for (int i = 0; i < m; ++i)
        for (int j = 0; j < n; ++j)
            for (int l = 0; l < k; ++l)
                c[static_cast<std::size_t>(i * n + j)] +=
                    a[static_cast<std::size_t>(i * k + l)] * b[static_cast<std::size_t>(l * n + j)];
    return c;
}

}  // namespace

TEST_CASE("a tiled product with double-buffered asynchronous copies equals plain loops") {
    const FreshDevice fresh;
    for (const int size : {1, 7, 8, 19, 40}) {
        const auto count = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
        const std::vector<float> a = small_integers(count, 1), b = small_integers(count, 2);
        DeviceArray<float> da(a), db(b), dc(count);
        const unsigned blocks = static_cast<unsigned>((size + tile - 1) / tile);
        REQUIRE(launch(dim3(blocks, blocks), dim3(tile, tile), 4 * tile * tile * sizeof(float), tiled_product, da.get(),
                       db.get(), dc.get(), size) == cudaSuccess);
        CHECK(dc.values() == product(a, b, std::vector<float>(count, 0.0f), size, size, size));
    }
}

TEST_CASE("a copy lands when it is waited for, and not before, and invalid copies give zeros") {
    const FreshDevice fresh;
    const std::vector<float4> in(4, make_float4(1, 2, 3, 4));
    DeviceArray<float4> a(in), out(4);
    REQUIRE(launch(1, 4, 64, copy_rows, a.get(), out.get(), true) == cudaSuccess);
    CHECK(out.values()[1].w == 4);
    CHECK(out.values()[2].w == 0);
    REQUIRE(launch(1, 4, 64, copy_rows, a.get(), out.get(), false) == cudaSuccess);
    for (const float4& value : out.values()) CHECK(std::isnan(value.x));
}

TEST_CASE("copies never waited for, misaligned copies and copies past the end are faults") {
    const FreshDevice fresh;
    DeviceArray<float> in(8);
    REQUIRE(launch(1, 8, 32, forget_to_wait, in.get()) == cudaSuccess);
    check_one_fault({"never waited for", "thread 3", "shared memory +12"});

    REQUIRE(launch(1, 1, 32, copy_from, in.get() + 1, 0) == cudaSuccess);
    check_one_fault({"misaligned copy of 16 bytes", "+4 to shared memory +0"});
    CHECK(cudaDeviceSynchronize() == cudaErrorMisalignedAddress);
    standin::reset();
    REQUIRE(launch(1, 1, 32, copy_from, in.get(), 8) == cudaSuccess);
    check_one_fault({"outside the shared memory of 32 bytes"});
    standin::reset();
    REQUIRE(launch(1, 1, 32, copy_from, in.get() + 8, 0) == cudaSuccess);
    check_one_fault({"outside device memory"});
    CHECK(cudaDeviceSynchronize() == cudaErrorIllegalAddress);
}

TEST_CASE("the tensor cores' fragments are laid out as documented: A B + C of integers is exact") {
    const FreshDevice fresh;
    const std::vector<float> a = small_integers(16 * 8, 3), b = small_integers(8 * 8, 4), c = small_integers(16 * 8, 5);
    DeviceArray<float> da(a), db(b), dc(c);
    REQUIRE(launch(1, 32, 0, multiply, da.get(), db.get(), dc.get(), true) == cudaSuccess);
    CHECK(dc.values() == product(a, b, c, 16, 8, 8));
}

TEST_CASE("operands that were not rounded to TF32 are truncated") {
    const FreshDevice fresh;
    std::vector<float> a(16 * 8, 0.0f), b(8 * 8, 0.0f);
    a[0] = 1.0f + 1.5f / 1024;  // between two TF32 numbers
    b[0] = 1.0f;
    for (const bool round : {false, true}) {
        DeviceArray<float> da(a), db(b), dc(std::vector<float>(16 * 8, 0.0f));
        REQUIRE(launch(1, 32, 0, multiply, da.get(), db.get(), dc.get(), round) == cudaSuccess);
        CHECK(dc.values()[0] == 1.0f + (round ? 2.0f : 1.0f) / 1024);
    }
}

TEST_CASE("rounding to TF32: nearest, ties away from zero, infinities and NaNs kept") {
    const auto rounded = [](float value) { return __uint_as_float(to_tf32(value)); };
    CHECK(rounded(1.0f + 0.5f / 1024) == 1.0f + 1.0f / 1024);
    CHECK(rounded(-1.0f - 0.5f / 1024) == -1.0f - 1.0f / 1024);
    CHECK(rounded(1.0f + 0.499f / 1024) == 1.0f);
    CHECK(rounded(std::numeric_limits<float>::max()) == std::numeric_limits<float>::infinity());
    CHECK(rounded(-std::numeric_limits<float>::infinity()) == -std::numeric_limits<float>::infinity());
    CHECK(std::isnan(rounded(std::numeric_limits<float>::quiet_NaN())));
}
