// Binary volumes at one bit a cell: how a dataset lives in memory.
#pragma once

#include <span>

#include "tensor/tensor.hpp"

namespace tensor {

/// Rows `rows` of a packed u8 matrix [rows, bytes] as -1 and +1: result [rows.size(), 8 * bytes] cut to `shape`, whose
/// first extent is rows.size(). Bit j of byte b is cell 8 b + j. Throws Error for a row out of range or a shape that
/// needs more bits than a row has.
Tensor unpack_rows(const Tensor& packed, std::span<const std::int64_t> rows, const Shape& shape, DType dtype = DType::f32);

}  // namespace tensor
