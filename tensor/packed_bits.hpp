// Binary values at one bit per element: how a dataset lives in memory, and where a tensor is positive, which is all
// that the derivative of a LeakyReLU has to know of it. Bit j of byte b is element 8 b + j.
#pragma once

#include <span>

#include "tensor/tensor.hpp"

namespace tensor {

/// Rows `rows` of a packed u8 matrix [rows, bytes] as -1 and +1: result [rows.size(), 8 * bytes] cut to `shape`, whose
/// first extent is rows.size(). Throws Error for a row out of range or a shape that needs more bits than a row has.
/// `held`, if not null, is where the device finds the numbers of the rows when it unpacks them (repetition.hpp); `rows`
/// then says how many there are, and is what they are at first.
Tensor unpack_rows(const Tensor& packed, std::span<const std::int64_t> rows, const Shape& shape,
                   DType dtype = DType::f32, const std::int64_t* held = nullptr);

/// One bit per element of x in row-major order, 1 where it is positive (NaN is not), then zeros up to a multiple of 32:
/// u8 of positive_bits_shape. leaky_relu_mask and Epilogue::mask take them for x itself, at 1/32 of an f32's bytes.
Tensor positive_bits(const Tensor& x);
/// Memory for positive_bits(x), not yet written.
Tensor empty_positive_bits(const Tensor& x);
/// positive_bits(x.rows(begin, end)), where `bits` are those of x: on their storage if the rows begin and end with
/// whole words there, else made anew.
Tensor positive_bits_of_rows(const Tensor& bits, const Tensor& x, std::int64_t begin, std::int64_t end);
/// [4 ceil(elements / 32)].
Shape positive_bits_shape(std::int64_t elements);
/// Throws Error("[where] name is ...") unless `bits` is what positive_bits makes of a tensor like `of`.
void require_bits(const char* where, const char* name, const Tensor& bits, const Tensor& of);

}  // namespace tensor
