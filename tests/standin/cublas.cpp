#include "cublas_v2.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <typeinfo>
#include <unordered_set>
#include <vector>

#include "capture.hpp"
#include "cublas_calls.hpp"
#include "hooks.hpp"
#include "memory.hpp"
#include "tensor/cuda/instructions.cuh"

struct cublasContext {
    cudaStream_t stream = nullptr;
    cublasMath_t math = CUBLAS_DEFAULT_MATH;
    cublasPointerMode_t pointer_mode = CUBLAS_POINTER_MODE_HOST;
    void* workspace = nullptr;
};

namespace {

using standin::state;
using Lock = std::lock_guard<std::recursive_mutex>;

std::unordered_set<const cublasContext*>& live_contexts() {
    static std::unordered_set<const cublasContext*> contexts;
    return contexts;
}
bool alive(cublasHandle_t handle) { return live_contexts().contains(handle); }

/// The layout of op(A), of rows x columns, in memory: element (i, j) is at i * step_row + j * step_column.
template <typename T>
struct Matrix {
    T* values;
    std::int64_t step_row, step_column;
};

struct Shape {
    cublasOperation_t transpose_a, transpose_b;
    int m, n, k;
};

template <typename T>
double operand(T value, bool tf32) {
    if constexpr (std::is_same_v<T, float>) {
        if (tf32) return static_cast<double>(std::bit_cast<float>(tensor::cuda::to_tf32(value)));
    }
    return static_cast<double>(value);
}

/// Computes C column by column; each element is summed in double in the order of k and rounded once.
template <typename T>
void multiply(const Shape& s, double alpha, Matrix<const T> a, Matrix<const T> b, double beta, Matrix<T> c, bool tf32) {
    std::vector<double> sums(static_cast<std::size_t>(s.m));
    for (std::int64_t j = 0; j < s.n; ++j) {
        std::fill(sums.begin(), sums.end(), 0.0);
        const auto add = [&](std::int64_t i, std::int64_t k) {
            const double left = operand(a.values[i * a.step_row + k * a.step_column], tf32);
            const double right = operand(b.values[k * b.step_row + j * b.step_column], tf32);
            sums[static_cast<std::size_t>(i)] += left * right;
        };
        if (a.step_row == 1) {  // the inner loop reads A in the order of its memory
            for (std::int64_t k = 0; k < s.k; ++k)
                for (std::int64_t i = 0; i < s.m; ++i) add(i, k);
        } else {
            for (std::int64_t i = 0; i < s.m; ++i)
                for (std::int64_t k = 0; k < s.k; ++k) add(i, k);
        }
        for (std::int64_t i = 0; i < s.m; ++i) {
            T& target = c.values[i * c.step_row + j * c.step_column];
            double value = alpha * sums[static_cast<std::size_t>(i)];
            if (beta != 0.0) value += beta * static_cast<double>(target);
            target = static_cast<T>(value);
        }
    }
}

/// Whether a stored matrix of rows x columns lies in device memory; records a fault where it does not.
bool inside(const void* values, int rows, int columns, int leading, std::size_t width, const char* what) {
    if (rows == 0 || columns == 0) return true;
    const std::size_t numbers =
        static_cast<std::size_t>(leading) * (static_cast<std::size_t>(columns) - 1) + static_cast<std::size_t>(rows);
    return standin::check_device_range(values, numbers * width, what);
}

/// A product with everything it needs, so that a graph can run it again; alpha and beta are copies.
template <typename T>
struct Product {
    Shape s;
    double alpha, beta;
    const T* a;
    int lda;
    long long stride_a;
    const T* b;
    int ldb;
    long long stride_b;
    T* c;
    int ldc;
    long long stride_c;
    int batch;
    bool tf32;
    void* workspace;  // may be null

    bool flip_a() const { return s.transpose_a != CUBLAS_OP_N; }
    bool flip_b() const { return s.transpose_b != CUBLAS_OP_N; }
    int rows_a() const { return flip_a() ? s.k : s.m; }
    int columns_a() const { return flip_a() ? s.m : s.k; }
    int rows_b() const { return flip_b() ? s.n : s.k; }
    int columns_b() const { return flip_b() ? s.k : s.n; }
};

template <typename T>
bool valid(const Product<T>& p) {
    const auto known = [](cublasOperation_t o) { return o == CUBLAS_OP_N || o == CUBLAS_OP_T || o == CUBLAS_OP_C; };
    return known(p.s.transpose_a) && known(p.s.transpose_b) && p.s.m >= 0 && p.s.n >= 0 && p.s.k >= 0 && p.batch >= 0 &&
           p.lda >= std::max(1, p.rows_a()) && p.ldb >= std::max(1, p.rows_b()) && p.ldc >= std::max(1, p.s.m);
}

/// Whether results of a batch overlap. They do not if they lie one behind the other, or interleaved so that all of them
/// lie between two columns of the first.
template <typename T>
bool results_overlap(const Product<T>& p) {
    const long long distance = std::abs(p.stride_c);
    const bool apart = distance >= static_cast<long long>(p.ldc) * (p.s.n - 1) + p.s.m;
    const bool interleaved = distance >= p.s.m && distance * (p.batch - 1) + p.s.m <= p.ldc;
    return p.batch > 1 && !apart && !interleaved;
}

/// Tells the race check of a stored matrix, column by column: rows between its columns may be another's.
template <typename T>
void note(const T* values, int rows, int columns, int leading, standin::Access kind) {
    for (int column = 0; column < columns; ++column)
        standin::note_node_access(values + std::ptrdiff_t{leading} * column, sizeof(T) * static_cast<std::size_t>(rows),
                                  kind);
}

template <typename T>
void run(const Product<T>& p) {
    if (!standin::device_runs()) return;  // the next synchronisation returns the error
    // Two products at the same time may not share a workspace.
    if (p.workspace != nullptr) standin::note_node_access(p.workspace, 1, standin::Access::write);
    for (int i = 0; i < p.batch; ++i) {
        const T* const a = p.a + i * p.stride_a;
        const T* const b = p.b + i * p.stride_b;
        T* const c = p.c + i * p.stride_c;
        if (!inside(a, p.rows_a(), p.columns_a(), p.lda, sizeof(T), "cublas, A") ||
            !inside(b, p.rows_b(), p.columns_b(), p.ldb, sizeof(T), "cublas, B") ||
            !inside(c, p.s.m, p.s.n, p.ldc, sizeof(T), "cublas, C")) {
            state().pending = cudaErrorIllegalAddress;
            return;
        }
        note(a, p.rows_a(), p.columns_a(), p.lda, standin::Access::read);
        note(b, p.rows_b(), p.columns_b(), p.ldb, standin::Access::read);
        note(c, p.s.m, p.s.n, p.ldc, standin::Access::write);
        multiply<T>(p.s, p.alpha, {a, p.flip_a() ? p.lda : 1, p.flip_a() ? 1 : p.lda},
                    {b, p.flip_b() ? p.ldb : 1, p.flip_b() ? 1 : p.ldb}, p.beta, {c, 1, p.ldc}, p.tf32);
    }
}

template <typename T>
cublasStatus_t gemm(cublasHandle_t handle, const Shape& s, const T* alpha, const T* a, int lda, long long stride_a,
                    const T* b, int ldb, long long stride_b, const T* beta, T* c, int ldc, long long stride_c,
                    int batch, bool tf32) {
    const Lock lock(state().mutex);
    if (!alive(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
    const auto refuse = [&](cublasStatus_t status) {
        if (standin::Capture* const capture = standin::capture_of(handle->stream)) capture->invalidated = true;
        return status;
    };
    if (alpha == nullptr || beta == nullptr) return refuse(CUBLAS_STATUS_INVALID_VALUE);
    const double scale = static_cast<double>(*alpha), scale_c = static_cast<double>(*beta);
    const Product<T> p{s, scale, scale_c,  a,     lda,  stride_a,         b, ldb, stride_b,
                       c, ldc,   stride_c, batch, tf32, handle->workspace};
    if (!valid(p)) return refuse(CUBLAS_STATUS_INVALID_VALUE);
    if (handle->pointer_mode != CUBLAS_POINTER_MODE_HOST) return refuse(CUBLAS_STATUS_NOT_SUPPORTED);
    if (!standin::valid_stream(handle->stream)) return CUBLAS_STATUS_EXECUTION_FAILED;
    if (s.m == 0 || s.n == 0 || batch == 0) return ++state().counters.library_calls, CUBLAS_STATUS_SUCCESS;
    if (results_overlap(p)) {
        standin::add_fault(fmt::format("cublas: results overlap, stride {} of C {} x {}", stride_c, s.m, s.n));
        return refuse(CUBLAS_STATUS_INVALID_VALUE);
    }
    const cudaError_t error = standin::issue(handle->stream, {standin::NodeKind::product, &typeid(T), [p] {
                                                                  ++state().counters.library_calls;
                                                                  run(p);
                                                                  return cudaSuccess;
                                                              }});
    return error == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

template <typename T>
const T* as(const void* p) {
    return static_cast<const T*>(p);
}

/// Programs on the stand-in load its cuBLAS, unless they are told of another.
[[maybe_unused]] const int chosen = setenv("MUSEGAN_CUBLAS", STANDIN_CUBLAS, 0);

bool math_is_tf32(cublasHandle_t handle) { return alive(handle) && handle->math == CUBLAS_TF32_TENSOR_OP_MATH; }

}  // namespace

cublasStatus_t cublasCreate(cublasHandle_t* handle) {
    const Lock lock(state().mutex);
    if (standin::begin_call() != cudaSuccess) return CUBLAS_STATUS_NOT_INITIALIZED;
    if (standin::end_call(standin::conflict_with_unsafe()) != cudaSuccess) return CUBLAS_STATUS_ALLOC_FAILED;
    *handle = new cublasContext;
    live_contexts().insert(*handle);
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy(cublasHandle_t handle) {
    const Lock lock(state().mutex);
    if (live_contexts().erase(handle) == 0) return CUBLAS_STATUS_NOT_INITIALIZED;
    delete handle;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
    const Lock lock(state().mutex);
    if (!alive(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
    handle->stream = stream;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace(cublasHandle_t handle, void* workspace, std::size_t bytes) {
    const Lock lock(state().mutex);
    if (!alive(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
    if (reinterpret_cast<std::uintptr_t>(workspace) % 256 != 0) return CUBLAS_STATUS_INVALID_VALUE;
    if (!standin::check_device_range(workspace, bytes, "cublas, workspace")) return CUBLAS_STATUS_INVALID_VALUE;
    handle->workspace = bytes > 0 ? workspace : nullptr;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
    const Lock lock(state().mutex);
    if (!alive(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
    handle->math = mode;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetPointerMode(cublasHandle_t handle, cublasPointerMode_t mode) {
    const Lock lock(state().mutex);
    if (!alive(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
    handle->pointer_mode = mode;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGetVersion(cublasHandle_t, int* version) { return *version = 130000, CUBLAS_STATUS_SUCCESS; }

const char* cublasGetStatusName(cublasStatus_t status) {
    switch (status) {
        case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
        case CUBLAS_STATUS_NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
        case CUBLAS_STATUS_ALLOC_FAILED: return "CUBLAS_STATUS_ALLOC_FAILED";
        case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
        case CUBLAS_STATUS_ARCH_MISMATCH: return "CUBLAS_STATUS_ARCH_MISMATCH";
        case CUBLAS_STATUS_MAPPING_ERROR: return "CUBLAS_STATUS_MAPPING_ERROR";
        case CUBLAS_STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
        case CUBLAS_STATUS_INTERNAL_ERROR: return "CUBLAS_STATUS_INTERNAL_ERROR";
        case CUBLAS_STATUS_NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
        case CUBLAS_STATUS_LICENSE_ERROR: return "CUBLAS_STATUS_LICENSE_ERROR";
    }
    return "unknown status";
}
const char* cublasGetStatusString(cublasStatus_t status) { return cublasGetStatusName(status); }

cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t transpose_a,
                                          cublasOperation_t transpose_b, int m, int n, int k, const void* alpha,
                                          const void* a, cudaDataType type_a, int lda, long long stride_a,
                                          const void* b, cudaDataType type_b, int ldb, long long stride_b,
                                          const void* beta, void* c, cudaDataType type_c, int ldc, long long stride_c,
                                          int batch, cublasComputeType_t compute, cublasGemmAlgo_t) {
    const Shape shape{transpose_a, transpose_b, m, n, k};
    if (type_a != type_b || type_a != type_c) return CUBLAS_STATUS_NOT_SUPPORTED;
    const bool double_compute = compute == CUBLAS_COMPUTE_64F || compute == CUBLAS_COMPUTE_64F_PEDANTIC;
    if (type_a == CUDA_R_64F && double_compute) {
        return gemm<double>(handle, shape, as<double>(alpha), as<double>(a), lda, stride_a, as<double>(b), ldb,
                            stride_b, as<double>(beta), static_cast<double*>(c), ldc, stride_c, batch, false);
    }
    if (type_a != CUDA_R_32F || double_compute) return CUBLAS_STATUS_NOT_SUPPORTED;
    const bool tf32 =
        compute == CUBLAS_COMPUTE_32F_FAST_TF32 || (compute == CUBLAS_COMPUTE_32F && math_is_tf32(handle));
    return gemm<float>(handle, shape, as<float>(alpha), as<float>(a), lda, stride_a, as<float>(b), ldb, stride_b,
                       as<float>(beta), static_cast<float*>(c), ldc, stride_c, batch, tf32);
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t transpose_a, cublasOperation_t transpose_b, int m,
                            int n, int k, const void* alpha, const void* a, cudaDataType type_a, int lda, const void* b,
                            cudaDataType type_b, int ldb, const void* beta, void* c, cudaDataType type_c, int ldc,
                            cublasComputeType_t compute, cublasGemmAlgo_t algorithm) {
    return cublasGemmStridedBatchedEx(handle, transpose_a, transpose_b, m, n, k, alpha, a, type_a, lda, 0, b, type_b,
                                      ldb, 0, beta, c, type_c, ldc, 0, 1, compute, algorithm);
}

cublasStatus_t cublasSgemm(cublasHandle_t handle, cublasOperation_t transpose_a, cublasOperation_t transpose_b, int m,
                           int n, int k, const float* alpha, const float* a, int lda, const float* b, int ldb,
                           const float* beta, float* c, int ldc) {
    return cublasSgemmStridedBatched(handle, transpose_a, transpose_b, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c,
                                     ldc, 0, 1);
}

cublasStatus_t cublasDgemm(cublasHandle_t handle, cublasOperation_t transpose_a, cublasOperation_t transpose_b, int m,
                           int n, int k, const double* alpha, const double* a, int lda, const double* b, int ldb,
                           const double* beta, double* c, int ldc) {
    return cublasDgemmStridedBatched(handle, transpose_a, transpose_b, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c,
                                     ldc, 0, 1);
}

cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t handle, cublasOperation_t transpose_a,
                                         cublasOperation_t transpose_b, int m, int n, int k, const float* alpha,
                                         const float* a, int lda, long long stride_a, const float* b, int ldb,
                                         long long stride_b, const float* beta, float* c, int ldc, long long stride_c,
                                         int batch) {
    return gemm<float>(handle, {transpose_a, transpose_b, m, n, k}, alpha, a, lda, stride_a, b, ldb, stride_b, beta, c,
                       ldc, stride_c, batch, math_is_tf32(handle));
}

cublasStatus_t cublasDgemmStridedBatched(cublasHandle_t handle, cublasOperation_t transpose_a,
                                         cublasOperation_t transpose_b, int m, int n, int k, const double* alpha,
                                         const double* a, int lda, long long stride_a, const double* b, int ldb,
                                         long long stride_b, const double* beta, double* c, int ldc, long long stride_c,
                                         int batch) {
    return gemm<double>(handle, {transpose_a, transpose_b, m, n, k}, alpha, a, lda, stride_a, b, ldb, stride_b, beta, c,
                        ldc, stride_c, batch, false);
}

const standin::CublasCalls* standin_cublas_calls() {
    static const standin::CublasCalls calls{cublasCreate,       cublasDestroy,         cublasSetStream,
                                            cublasSetWorkspace, cublasGetStatusString, cublasGemmStridedBatchedEx};
    return &calls;
}
