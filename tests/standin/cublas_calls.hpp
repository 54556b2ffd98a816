// What the stand-in's cuBLAS (cublas_library.cpp, a library of its own, which a program loads as it would load the real
// one) calls in the program: products are issued on the simulated device, which is there.
#pragma once

#include "cublas_v2.h"

namespace standin {

struct CublasCalls {
    decltype(&cublasCreate) create;
    decltype(&cublasDestroy) destroy;
    decltype(&cublasSetStream) set_stream;
    decltype(&cublasSetWorkspace) set_workspace;
    decltype(&cublasGetStatusString) get_status_string;
    decltype(&cublasGemmStridedBatchedEx) multiply;
};

}  // namespace standin

/// Exported by every program on the stand-in, and found in it by name.
extern "C" const standin::CublasCalls* standin_cublas_calls();
