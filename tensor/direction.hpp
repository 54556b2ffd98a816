// Derivatives along a direction, of whatever runs on the reference device, with no rule of a derivative involved.
//
// A tensor there holds x + i h v: values x, and in the imaginary parts a direction v, scaled by h = 2^-100. After any
// chain of operators that computes f, the result holds f(x) + i h f'(x) v, where f'(x) v is the derivative of f at x
// along v to machine precision: reference/complex_step.hpp says why. Gradients (autograd) are operators too, so that
// the imaginary part of a gradient is a second derivative.
//
// Where the argument of a LeakyReLU is exactly 0 there is no derivative. What comes out there is that of either side:
// the real parts hold f(x) up to terms in h^2, and such a term may decide the branch.
#pragma once

#include "tensor/tensor.hpp"

namespace tensor {

/// x + i h v on the reference device, of real x and v on any devices. Throws Error for shapes that differ and for
/// tensors that are not f32 or f64.
Tensor with_direction(const Tensor& x, const Tensor& v);

/// z += i h v in z's own storage: adds v to the direction that z carries. Throws Error unless z is c128, v is f32 or
/// f64 on any device, and their shapes are equal.
void add_direction(Tensor& z, const Tensor& v);

/// The direction that z carries, Im z / h, as f64 on the CPU: the derivative, if z was computed from x + i h v. Throws
/// Error unless z is c128.
Tensor derivative_of(const Tensor& z);

}  // namespace tensor
