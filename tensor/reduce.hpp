// Sum and broadcast, each the other's transpose.
#pragma once

#include "tensor/tensor.hpp"

namespace tensor {

/// Sums x over the axes on which `shape` has extent 1 (or no axis: shapes align at the last one). The order of the sums
/// depends on the shapes alone, not on threads. Throws Error unless `shape` broadcasts to x's shape.
Tensor sum_to(const Tensor& x, const Shape& shape);
/// Repeats x up to `shape`. Throws Error unless x's shape broadcasts to it.
Tensor broadcast_to(const Tensor& x, const Shape& shape);
/// The scalar sum of all elements.
inline Tensor sum(const Tensor& x) { return sum_to(x, Shape{}); }

}  // namespace tensor
