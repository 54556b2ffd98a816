// Matrix products by cuBLAS, in the house's row-major terms.
#pragma once

#include <cublas_v2.h>

#include <cstdint>

#include "tensor/cuda/context.hpp"
#include "tensor/cuda/runtime.hpp"
#include "tensor/precision.hpp"
#include "tensor/tensor.hpp"

namespace tensor::cuda {

/// c = a' b' + beta c, row-major, as tensor::cpu::Gemm has it, `batch` times at constant distances (in elements).
template <typename T>
struct BatchedGemm {
    std::int64_t rows = 0, columns = 0, inner = 0;
    const T* a = nullptr;
    std::int64_t a_step = 0;
    bool transpose_a = false;
    const T* b = nullptr;
    std::int64_t b_step = 0;
    bool transpose_b = false;
    T* c = nullptr;
    std::int64_t c_step = 0;
    bool accumulate = false;  ///< beta is 1, else 0 and c is not read
    std::int64_t batch = 1, a_distance = 0, b_distance = 0, c_distance = 0;
};

void destroy_cublas_handle(cublasHandle_t handle);

/// A handle bound to a stream, with a workspace of its own: cuBLAS then allocates nothing, and picks the same
/// algorithm, with the same order of sums, for the same product each time.
class CublasHandle {
  public:
    /// `workspace` is device memory, u8. Throws Error if the library cannot be loaded or set up. Not inside the capture
    /// of a graph.
    CublasHandle(const Context& context, Tensor workspace);

    /// Bytes of workspace that suit a device (cuBLAS manual, section "cublasSetWorkspace": 32 MiB from 9.0 on, else 4).
    static std::int64_t workspace_bytes(int capability);

    /// TF32 operands only where `precision` says so; f64 products ignore it. Empty products launch nothing.
    void multiply(const Context& context, const char* operation, const BatchedGemm<float>& product,
                  Precision precision) const;
    void multiply(const Context& context, const char* operation, const BatchedGemm<double>& product,
                  Precision precision) const;

  private:
    Owned<cublasHandle_t, destroy_cublas_handle> handle_;
    Tensor workspace_;
};

}  // namespace tensor::cuda
