// Two convolutions as one operator, for a network that begins with a cheap one and cannot afford to store its values:
//
//     y = F2(p, w2),    p = leaky_relu(F1(x, w1) + b1, slope)
//
// LeakyReLU is piecewise linear: its derivative m(x), 1 or slope by the sign of F1(x, w1) + b1, does not change when x
// moves a little. So for any v of x's shape p has two parts,
//
// clang-format off
//     p = m(x) (F1(x, w1) + b1)    the value: what stands above
//     p = m(x)  F1(v, w1)          the tangent along v: the derivative of p at x in that direction
// clang-format on
//
// and of either T = <F2(p, w2), g>. With F, A and B of conv3d.hpp, u = m(x) A2(g, w2), and v = x for the value, three
// operators give all its derivatives:
//
// clang-format off
//     dT/dg  = F2(p, w2)                conv3d_pair: the value or the tangent
//     dT/dv  = A1(u, w1)                conv3d_pair_input_gradient
//     dT/dw1 = B1(v, u)                 conv3d_pair_weight_gradient
//     dT/db1 = sum of u over positions  the same, for the value
//     dT/dw2 = B2(p, g)                 the same
// clang-format on
//
// The input gradient is the transpose of the tangent, so its derivative for g in direction h is the tangent along h,
// and its derivatives for w1 and w2 are the tangent's weight gradients at v = h. p, u and m are computed again wherever
// they are needed, and no result holds them; a backend that fuses never writes them to memory.
#pragma once

#include "tensor/conv3d_pair_types.hpp"
#include "tensor/epilogue.hpp"
#include "tensor/tensor.hpp"

namespace tensor {

/// F2(p, w2), with an epilogue. x and v like the first convolution's input, the result like the second's output; for
/// the value, v is x itself. If `positive` is given, it receives the positive_bits of the result. All three throw Error
/// naming the geometry for a shape that does not agree with it, for a second convolution that does not read what the
/// first makes, for a negative slope, and for a value at another v.
Tensor conv3d_pair(const Conv3dPair& pair, const PairPoint& at, const Tensor& v, PairPart part,
                   const Epilogue& epilogue = {}, Tensor* positive = nullptr);
/// A1(m(x) A2(g, w2), w1): g like the second convolution's output, the result like x.
Tensor conv3d_pair_input_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g);

/// Gradients of <F2(p, w2), g>.
struct PairGradients {
    Tensor w1, b1, w2;  ///< b1 has no value for a tangent
};
PairGradients conv3d_pair_weight_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g, const Tensor& v,
                                          PairPart part);

}  // namespace tensor
