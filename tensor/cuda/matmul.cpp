// Matrix products of the CUDA backend: cuBLAS, then the epilogue.
#include "tensor/cuda/backend.hpp"
#include "tensor/cuda/cublas.hpp"
#include "tensor/execution.hpp"

namespace tensor::cuda {

void CudaBackend::matmul(MatmulForm form, const Tensor& a, const Tensor& b, const Epilogue& epilogue, Tensor& y,
                         Tensor* positive) const {
    const bool transpose_a = form == MatmulForm::tn, transpose_b = form == MatmulForm::nt;
    const std::int64_t rows = y.shape()[0], columns = y.shape()[1], inner = a.shape()[transpose_a ? 0 : 1];
    if (inner == 0) fill(y, 0.0);
    for_number_type(y.dtype(), [&]<typename T>(T) {
        // clang-format off
        if (inner > 0)
            cublas().multiply(context_, "matmul",
                              BatchedGemm<T>{.rows = rows, .columns = columns, .inner = inner, .a = a.data<T>(),
                                             .a_step = transpose_a ? rows : inner, .transpose_a = transpose_a,
                                             .b = b.data<T>(), .b_step = transpose_b ? inner : columns,
                                             .transpose_b = transpose_b, .c = y.data<T>(), .c_step = columns},
                              execution().precision);
        // clang-format on
        apply_epilogue<T>(context_, epilogue, y, positive);
    });
}

}  // namespace tensor::cuda
