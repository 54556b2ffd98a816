// Operators that work element by element. Two-argument ones broadcast: extents are equal or 1, aligned at the last
// axis. All throw Error for arguments on different devices or of different number types.
#pragma once

#include "tensor/tensor.hpp"

namespace tensor {

/// scale * x + shift.
Tensor affine(const Tensor& x, double scale, double shift);
inline Tensor scale(const Tensor& x, double factor) { return affine(x, factor, 0.0); }
inline Tensor negate(const Tensor& x) { return affine(x, -1.0, 0.0); }
/// x^2.
Tensor square(const Tensor& x);
/// sqrt(x); NaN below 0.
Tensor square_root(const Tensor& x);
/// 1 / x.
Tensor reciprocal(const Tensor& x);
Tensor tanh(const Tensor& x);
/// 1 / (1 + exp(-x)).
Tensor sigmoid(const Tensor& x);
/// x where x > 0, slope * x elsewhere; 0 <= slope, else Error.
Tensor leaky_relu(const Tensor& x, double slope);
inline Tensor relu(const Tensor& x) { return leaky_relu(x, 0.0); }
/// 1 where x > 0, -1 elsewhere (where x is not a number, too).
Tensor binarize(const Tensor& x);
/// log(1 + exp(x)), for every x without overflow and to its last digits.
Tensor softplus(const Tensor& x);

Tensor add(const Tensor& a, const Tensor& b);
Tensor subtract(const Tensor& a, const Tensor& b);
Tensor multiply(const Tensor& a, const Tensor& b);
Tensor divide(const Tensor& a, const Tensor& b);
/// g where reference > 0, slope * g elsewhere: the derivative of leaky_relu, times g. The reference may be its
/// positive_bits (packed_bits.hpp), then of a tensor shaped like g.
Tensor leaky_relu_mask(const Tensor& reference, const Tensor& g, double slope);

/// y += x in y's own storage, equal shapes. For accumulators that nobody else shares.
void accumulate(const Tensor& x, Tensor& y);

/// Index of the first tensor that holds a NaN or an infinity, -1 if none does (u8 never does). All are looked at on the
/// device, and one number is read back. Throws Error for tensors on different devices; number types may differ.
std::int64_t first_not_finite(std::span<const Tensor> tensors);
/// True if every element is finite (u8 always is).
bool all_finite(const Tensor& x);

}  // namespace tensor
