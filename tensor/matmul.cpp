#include "tensor/matmul.hpp"

#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tensor/observer.hpp"
#include "tensor/packed_bits.hpp"

namespace tensor {

namespace {

Tensor matmul(const char* where, MatmulForm form, const Tensor& a, const Tensor& b, const Epilogue& epilogue,
              Tensor* positive) {
    OperationScope operation(where);
    require_same_kind(where, {&a, &b});
    require_real(where, a);
    if (a.shape().rank() != 2 || b.shape().rank() != 2)
        fail(where, "shapes {} and {}, expected two matrices", a.shape().to_string(), b.shape().to_string());
    const int a_inner = form == MatmulForm::tn ? 0 : 1;
    const int b_inner = form == MatmulForm::nt ? 1 : 0;
    if (a.shape()[a_inner] != b.shape()[b_inner])
        fail(where, "inner extents {} and {} differ: {} and {}", a.shape()[a_inner], b.shape()[b_inner],
             a.shape().to_string(), b.shape().to_string());
    Tensor y = Tensor::empty({a.shape()[1 - a_inner], b.shape()[1 - b_inner]}, a.dtype(), a.device());
    require_epilogue(where, epilogue, y);
    if (positive) *positive = empty_positive_bits(y);
    backend(a.device()).matmul(form, a, b, epilogue, y, positive);
    operation.ran({&a, &b, &epilogue.bias, &epilogue.mask}, {&y, positive},
                  2.0 * static_cast<double>(y.elements()) * static_cast<double>(a.shape()[a_inner]));
    return y;
}

}  // namespace

Tensor matmul_nn(const Tensor& a, const Tensor& b, const Epilogue& epilogue, Tensor* positive) {
    return matmul("matmul_nn", MatmulForm::nn, a, b, epilogue, positive);
}
Tensor matmul_nt(const Tensor& a, const Tensor& b) { return matmul("matmul_nt", MatmulForm::nt, a, b, {}, nullptr); }
Tensor matmul_tn(const Tensor& a, const Tensor& b) { return matmul("matmul_tn", MatmulForm::tn, a, b, {}, nullptr); }

}  // namespace tensor
