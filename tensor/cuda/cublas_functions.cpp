#include "tensor/cuda/cublas_functions.hpp"

#include "tensor/cuda/toolkit_library.hpp"

namespace tensor::cuda::cublas {

// The header's names are macros, such as cublasCreate for cublasCreate_v2, which is what the library has.
#define NAME_IN_LIBRARY(function) TEXT_OF(function)
#define TEXT_OF(name) #name

Functions load() {
    const ToolkitLibrary library(
        {"cublas", "libcublas.so", "MUSEGAN_CUBLAS", "the CUDA toolkit's library of matrix products"});
    Functions f{};
    library.find(NAME_IN_LIBRARY(cublasCreate), f.create);
    library.find(NAME_IN_LIBRARY(cublasDestroy), f.destroy);
    library.find(NAME_IN_LIBRARY(cublasSetStream), f.set_stream);
    library.find(NAME_IN_LIBRARY(cublasSetWorkspace), f.set_workspace);
    library.find(NAME_IN_LIBRARY(cublasGetStatusString), f.get_status_string);
    library.find(NAME_IN_LIBRARY(cublasGemmStridedBatchedEx), f.multiply);
    return f;
}

const Functions& functions() {
    static const Functions functions = load();
    return functions;
}

}  // namespace tensor::cuda::cublas
