// Elementwise operators on variables; the same words, values and errors as tensor/elementwise.hpp and
// tensor/reduce.hpp, with one rule per input (elementwise.cpp).
#pragma once

#include "autograd/variable.hpp"

namespace autograd {

Variable affine(const Variable& x, double scale, double shift);
inline Variable scale(const Variable& x, double factor) { return affine(x, factor, 0.0); }
inline Variable negate(const Variable& x) { return affine(x, -1.0, 0.0); }
Variable square(const Variable& x);
Variable square_root(const Variable& x);
Variable reciprocal(const Variable& x);
Variable tanh(const Variable& x);
Variable sigmoid(const Variable& x);
Variable leaky_relu(const Variable& x, double slope);
inline Variable relu(const Variable& x) { return leaky_relu(x, 0.0); }
Variable softplus(const Variable& x);

Variable add(const Variable& a, const Variable& b);
Variable subtract(const Variable& a, const Variable& b);
Variable multiply(const Variable& a, const Variable& b);
Variable divide(const Variable& a, const Variable& b);
/// The reference is a constant here: LeakyReLU's second derivative is zero wherever it exists.
Variable leaky_relu_mask(const Tensor& reference, const Variable& g, double slope);

/// The tape entry of an operator on x whose derivative is a mask, for fused operators that have its value already:
/// leaky_relu(x), or leaky_relu_mask of x.
Variable record_mask(const char* operation, const Variable& x, const Tensor& value, const Mask& mask);

Variable sum_to(const Variable& x, const Shape& shape);
Variable broadcast_to(const Variable& x, const Shape& shape);
inline Variable sum(const Variable& x) { return sum_to(x, Shape{}); }
/// sum(x) / elements.
Variable mean(const Variable& x);

}  // namespace autograd
