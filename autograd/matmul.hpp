// Matrix products on variables: the same words as tensor/matmul.hpp, and the dense layer.
#pragma once

#include "autograd/batch.hpp"

namespace autograd {

Variable matmul_nn(const Variable& a, const Variable& b);
Variable matmul_nt(const Variable& a, const Variable& b);
Variable matmul_tn(const Variable& a, const Variable& b);

/// leaky_relu(a w + b, slope) in one pass, a [N, C], w [C, K], b [K]. The tape gets the three plain operators for each
/// part; only their last value is ever computed. Slope 1 means no activation.
Batch matmul_bias_leaky_relu(const Batch& a, const Variable& w, const Variable& b, double slope);

}  // namespace autograd
