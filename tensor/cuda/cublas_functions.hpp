// The functions of cuBLAS that we call. The library and the tables of products in it are 600 MB of files, which a
// process maps when it multiplies on a device for the first time, and not before.
#pragma once

#include <cublas_v2.h>

namespace tensor::cuda::cublas {

/// As cublas_v2.h declares them; in C++ it has the last one twice.
using GemmStridedBatchedEx = cublasStatus_t(cublasHandle_t, cublasOperation_t, cublasOperation_t, int, int, int,
                                            const void*, const void*, cudaDataType, int, long long, const void*,
                                            cudaDataType, int, long long, const void*, void*, cudaDataType, int,
                                            long long, int, cublasComputeType_t, cublasGemmAlgo_t);
struct Functions {
    decltype(&cublasCreate) create;
    decltype(&cublasDestroy) destroy;
    decltype(&cublasSetStream) set_stream;
    decltype(&cublasSetWorkspace) set_workspace;
    decltype(&cublasGetStatusString) get_status_string;
    decltype(static_cast<GemmStridedBatchedEx*>(&cublasGemmStridedBatchedEx)) multiply;
};

/// Loads the library (toolkit_library.hpp). Throws Error("[cublas] ...") if there is none, or one that lacks a
/// function.
Functions load();

/// The functions, loaded by the first call that succeeds.
const Functions& functions();

}  // namespace tensor::cuda::cublas
