#include "tensor/cuda/cublas.hpp"

#include <limits>

#include "tensor/cuda/cublas_functions.hpp"
#include "tensor/cuda/launch_range.hpp"
#include "tensor/error.hpp"

namespace tensor::cuda {

namespace {

/// Throws Error unless `status` is success. Where the device itself has failed, its own error says more.
void check(const char* where, cublasStatus_t status) {
    if (status == CUBLAS_STATUS_SUCCESS) return;
    cuda::check(where, cudaGetLastError());
    fail(where, "cuBLAS: {}", cublas::functions().get_status_string(status));
}
void check(const LaunchRange& range, cublasStatus_t status) {
    if (status != CUBLAS_STATUS_SUCCESS) check(range.name().c_str(), status);
}

int narrow(const char* operation, std::int64_t value) {
    if (value > std::numeric_limits<int>::max())
        fail(operation, "an extent of {} in a matrix product, expected less than 2^31", value);
    return static_cast<int>(value);
}

/// cuBLAS is column-major and sees each of our matrices as its transpose, so it computes c^T = b'^T a'^T on the
/// operands as they lie.
template <typename T>
void run(cublasHandle_t handle, const Context& context, const char* operation, const BatchedGemm<T>& p,
         cudaDataType_t type, cublasComputeType_t compute) {
    if (p.rows == 0 || p.columns == 0 || p.batch == 0) return;
    const T alpha = 1, beta = p.accumulate ? T(1) : T(0);
    const double count = static_cast<double>(p.batch);
    const double elements = static_cast<double>(p.rows) * static_cast<double>(p.inner) +
                            static_cast<double>(p.inner) * static_cast<double>(p.columns) +
                            static_cast<double>(p.rows) * static_cast<double>(p.columns) * (p.accumulate ? 2 : 1);
    const Work work{
        operation,
        2.0 * count * static_cast<double>(p.rows) * static_cast<double>(p.columns) * static_cast<double>(p.inner),
        count * elements * sizeof(T)};
    LaunchRange range(context, work);
    check(range, cublas::functions().multiply(
                     handle, p.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N, p.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N,
                     narrow(operation, p.columns), narrow(operation, p.rows), narrow(operation, p.inner), &alpha, p.b,
                     type, narrow(operation, p.b_step), p.b_distance, p.a, type, narrow(operation, p.a_step),
                     p.a_distance, &beta, p.c, type, narrow(operation, p.c_step), p.c_distance,
                     narrow(operation, p.batch), compute, CUBLAS_GEMM_DEFAULT));
    range.issued_by_library();
}

}  // namespace

std::int64_t CublasHandle::workspace_bytes(int capability) { return std::int64_t{capability >= 90 ? 32 : 4} << 20; }

void destroy_cublas_handle(cublasHandle_t handle) { cublas::functions().destroy(handle); }

CublasHandle::CublasHandle(const Context& context, Tensor workspace) : workspace_(std::move(workspace)) {
    cublasHandle_t handle = nullptr;
    check("matmul", cublas::functions().create(&handle));
    handle_ = decltype(handle_)(handle);
    check("matmul", cublas::functions().set_stream(handle, context.stream));
    // After the stream: setting the stream resets the workspace.
    check("matmul",
          cublas::functions().set_workspace(handle, workspace_.raw(), static_cast<std::size_t>(workspace_.bytes())));
}

void CublasHandle::multiply(const Context& context, const char* operation, const BatchedGemm<float>& product,
                            Precision precision) const {
    run(handle_.get(), context, operation, product, CUDA_R_32F,
        precision == Precision::tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F);
}

void CublasHandle::multiply(const Context& context, const char* operation, const BatchedGemm<double>& product,
                            Precision) const {
    run(handle_.get(), context, operation, product, CUDA_R_64F, CUBLAS_COMPUTE_64F);
}

}  // namespace tensor::cuda
