// Points between two tensors, with one factor per phrase.
#pragma once

#include "tensor/tensor.hpp"

namespace tensor {

/// y[n, ...] = a[n, ...] + factor[n] (b[n, ...] - a[n, ...]); a and b of one shape, factor [N]. Throws Error for shapes
/// that disagree, or tensors on different devices or of different number types.
Tensor interpolate(const Tensor& a, const Tensor& b, const Tensor& factor);

}  // namespace tensor
