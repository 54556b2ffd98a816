// The stand-in's cuBLAS: a shared library with those functions that the project calls, under the real one's names.
#include "cublas_calls.hpp"

extern "C" {

cublasStatus_t cublasCreate(cublasHandle_t* handle) { return standin_cublas_calls()->create(handle); }
cublasStatus_t cublasDestroy(cublasHandle_t handle) { return standin_cublas_calls()->destroy(handle); }
cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
    return standin_cublas_calls()->set_stream(handle, stream);
}
cublasStatus_t cublasSetWorkspace(cublasHandle_t handle, void* workspace, std::size_t bytes) {
    return standin_cublas_calls()->set_workspace(handle, workspace, bytes);
}
const char* cublasGetStatusString(cublasStatus_t status) { return standin_cublas_calls()->get_status_string(status); }
cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t transpose_a,
                                          cublasOperation_t transpose_b, int m, int n, int k, const void* alpha,
                                          const void* a, cudaDataType type_a, int lda, long long stride_a,
                                          const void* b, cudaDataType type_b, int ldb, long long stride_b,
                                          const void* beta, void* c, cudaDataType type_c, int ldc, long long stride_c,
                                          int batch, cublasComputeType_t compute, cublasGemmAlgo_t algorithm) {
    return standin_cublas_calls()->multiply(handle, transpose_a, transpose_b, m, n, k, alpha, a, type_a, lda, stride_a,
                                            b, type_b, ldb, stride_b, beta, c, type_c, ldc, stride_c, batch, compute,
                                            algorithm);
}

}  // extern "C"
