// Matrix products in the three forms that are closed under differentiation.
#pragma once

#include "tensor/epilogue.hpp"
#include "tensor/tensor.hpp"

namespace tensor {

/// a [I, J] b [J, K] -> [I, K]; with an epilogue, + bias [K], LeakyReLU and a mask in the same pass. If `positive` is
/// given, it receives the positive_bits (packed_bits.hpp) of the result. All three throw Error for ranks other than 2
/// or inner extents that differ.
Tensor matmul_nn(const Tensor& a, const Tensor& b, const Epilogue& epilogue = {}, Tensor* positive = nullptr);
/// a [I, J] b [K, J] -> [I, K], a b^T.
Tensor matmul_nt(const Tensor& a, const Tensor& b);
/// a [J, I] b [J, K] -> [I, K], a^T b.
Tensor matmul_tn(const Tensor& a, const Tensor& b);

}  // namespace tensor
