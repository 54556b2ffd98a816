// The length of each phrase of a tensor.
#pragma once

#include "tensor/tensor.hpp"

namespace tensor {

/// y[n] = sqrt(epsilon + sum of x[n, ...]^2), [N]. An epsilon above 0 gives y a derivative where x is zero. The sum
/// runs in f64, in an order that depends on the shape alone. Throws Error for a scalar x or an epsilon below 0.
Tensor norm(const Tensor& x, double epsilon);

}  // namespace tensor
