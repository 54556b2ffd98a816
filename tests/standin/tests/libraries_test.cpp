// cuBLAS and Thrust, as far as the project uses them.
#include <thrust/copy.h>
#include <thrust/fill.h>
#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/reduce.h>
#include <thrust/scan.h>
#include <thrust/sort.h>
#include <thrust/system/cuda/execution_policy.h>
#include <thrust/transform.h>
#include <thrust/transform_reduce.h>

#include <cmath>
#include <limits>

#include "cublas_v2.h"
#include "device_array.hpp"

namespace {

struct Handle {
    Handle() { REQUIRE(cublasCreate(&value) == CUBLAS_STATUS_SUCCESS); }
    ~Handle() { cublasDestroy(value); }
    cublasHandle_t value = nullptr;
};

struct Twice {
    __device__ float operator()(float x) const { return 2 * x; }
};
struct Times {
    __device__ float operator()(float x, float y) const { return x * y; }
};
struct Plus {
    __device__ double operator()(double x, double y) const { return x + y; }
};
struct Mark {
    float* out;
    __device__ void operator()(int i) const { out[i] = static_cast<float>(i); }
};

}  // namespace

TEST_CASE("a product in column-major order, transposed or not, with leading dimensions") {
    const FreshDevice fresh;
    const Handle handle;
    // op(A) = [1 2 3; 4 5 6], op(B) = [1 0; 0 1; 1 1]: C = [4 5; 10 11].
    const std::vector<float> a{1, 4, -1, 2, 5, -1, 3, 6, -1}, a_t{1, 2, 3, 4, 5, 6};
    const std::vector<float> b{1, 0, 1, 0, 1, 1}, b_t{1, 0, 0, 1, 1, 1};
    const std::vector<float> expected{4, 10, 5, 11};
    const float one = 1, zero = 0;
    for (const bool flip_a : {false, true}) {
        for (const bool flip_b : {false, true}) {
            DeviceArray<float> da(flip_a ? a_t : a), db(flip_b ? b_t : b),
                dc(4);  // NaN where C is not to be read
            REQUIRE(cublasGemmEx(handle.value, flip_a ? CUBLAS_OP_T : CUBLAS_OP_N, flip_b ? CUBLAS_OP_T : CUBLAS_OP_N,
                                 2, 2, 3, &one, da.get(), CUDA_R_32F, 3, db.get(), CUDA_R_32F, flip_b ? 2 : 3, &zero,
                                 dc.get(), CUDA_R_32F, 2, CUBLAS_COMPUTE_32F_PEDANTIC,
                                 CUBLAS_GEMM_DEFAULT) == CUBLAS_STATUS_SUCCESS);
            CHECK(dc.values() == expected);
        }
    }
}

TEST_CASE("batches, f64, beta, and TF32 operands") {
    const FreshDevice fresh;
    const Handle handle;
    const double two = 2, one = 1;
    DeviceArray<double> a({1, 2, 3, 4}), b({5, 6, 7, 8}), c({1, 10});
    REQUIRE(cublasDgemmStridedBatched(handle.value, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 2, &two, a.get(), 1, 2, b.get(), 2,
                                      2, &one, c.get(), 1, 1, 2) == CUBLAS_STATUS_SUCCESS);
    CHECK(c.values() == std::vector<double>{1 + 2 * (5 + 12), 10 + 2 * (21 + 32)});

    const float unit = 1, zero = 0;
    DeviceArray<float> x(std::vector<float>{1 + 1.0f / 4096}), y(std::vector<float>{1.0f}), z(1);
    for (const cublasComputeType_t compute : {CUBLAS_COMPUTE_32F, CUBLAS_COMPUTE_32F_FAST_TF32}) {
        REQUIRE(cublasGemmEx(handle.value, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &unit, x.get(), CUDA_R_32F, 1, y.get(),
                             CUDA_R_32F, 1, &zero, z.get(), CUDA_R_32F, 1, compute,
                             CUBLAS_GEMM_DEFAULT) == CUBLAS_STATUS_SUCCESS);
        CHECK(z.values()[0] == (compute == CUBLAS_COMPUTE_32F ? 1 + 1.0f / 4096 : 1.0f));
    }
}

TEST_CASE("a bad leading dimension is refused, a range outside memory is a fault") {
    const FreshDevice fresh;
    const Handle handle;
    const float one = 1, zero = 0;
    DeviceArray<float> a(6), b(6), c(4);
    const auto multiply = [&](int lda, int ldb, int ldc) {
        return cublasSgemm(handle.value, CUBLAS_OP_N, CUBLAS_OP_N, 2, 2, 3, &one, a.get(), lda, b.get(), ldb, &zero,
                           c.get(), ldc);
    };
    CHECK(multiply(1, 3, 2) == CUBLAS_STATUS_INVALID_VALUE);
    CHECK(multiply(2, 2, 2) == CUBLAS_STATUS_INVALID_VALUE);
    CHECK(multiply(2, 3, 1) == CUBLAS_STATUS_INVALID_VALUE);
    CHECK(multiply(2, 3, 2) == CUBLAS_STATUS_SUCCESS);
    CHECK(multiply(3, 3, 2) == CUBLAS_STATUS_SUCCESS);
    check_one_fault({"cublas, A", "32 bytes"});
    CHECK(cudaDeviceSynchronize() == cudaErrorIllegalAddress);
}

TEST_CASE("the algorithms of Thrust, and which of them wait") {
    const FreshDevice fresh;
    DeviceArray<float> a({3, 1, 2}), b(3);
    standin::reset_counters();
    const auto policy = thrust::cuda::par_nosync.on(nullptr);
    thrust::transform(policy, a.get(), a.get() + 3, b.get(), Twice());
    thrust::transform(policy, a.get(), a.get() + 3, b.get(), b.get(), Times());
    CHECK(standin::counters().synchronisations() == 0);
    CHECK(b.values() == std::vector<float>{18, 2, 8});
    thrust::sort(policy, a.get(), a.get() + 3);
    thrust::exclusive_scan(policy, a.get(), a.get() + 3, b.get(), 0.0f);
    CHECK(b.values() == std::vector<float>{0, 1, 3});
    CHECK(thrust::reduce(policy, a.get(), a.get() + 3, 0.0) == 6.0);
    CHECK(thrust::transform_reduce(policy, a.get(), a.get() + 3, Twice(), 0.0, Plus()) == 12.0);
    thrust::for_each(policy, thrust::make_counting_iterator(0), thrust::make_counting_iterator(3), Mark{b.get()});
    CHECK(b.values() == std::vector<float>{0, 1, 2});
    thrust::fill(thrust::cuda::par.on(nullptr), b.get(), b.get() + 3, 7.0f);
    thrust::copy(policy, b.get(), b.get() + 2, a.get());
    CHECK(a.values() == std::vector<float>{7, 7, 3});
    CHECK(standin::counters().synchronous_algorithms == 3);  // two reductions and one with par
    CHECK(standin::counters().library_calls == 8 + 1);

    thrust::fill(policy, b.get(), b.get() + 4, 0.0f);
    check_one_fault({"thrust::fill: 16 bytes"});
    CHECK(cudaDeviceSynchronize() == cudaErrorIllegalAddress);
}
