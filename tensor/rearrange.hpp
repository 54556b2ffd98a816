// Operators that move elements and compute nothing: {permute}, {concat, slice, split}, {pad, slice} are closed
// sets.
#pragma once

#include <span>
#include <vector>

#include "tensor/tensor.hpp"

namespace tensor {

/// Axis k of the result is axis axes[k] of x. Throws Error unless `axes` is a permutation of x's axes.
Tensor permute(const Tensor& x, const std::vector<int>& axes);
/// The axes that undo `axes`. Throws Error unless they are a permutation.
std::vector<int> inverse_permutation(const std::vector<int>& axes);

/// Elements [begin, end) along `axis`. Throws Error unless 0 <= begin <= end <= extent.
Tensor slice(const Tensor& x, int axis, std::int64_t begin, std::int64_t end);
/// All of x in slices of these extents along `axis`, in one pass: where the axis is not the first, a slice alone reads
/// memory from end to end. Throws Error unless the extents add up to the axis.
std::vector<Tensor> split(const Tensor& x, int axis, std::span<const std::int64_t> extents);
/// Zeros before and after along `axis`; the transpose of slice. Throws Error for negative counts.
Tensor pad(const Tensor& x, int axis, std::int64_t before, std::int64_t after);
/// Joins along `axis`. Throws Error for no parts or other extents that differ.
Tensor concat(std::span<const Tensor> parts, int axis);

}  // namespace tensor
