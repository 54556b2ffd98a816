// Two convolutions as one operator, for a network that begins with a cheap one and cannot afford to store its values:
//
//     y = F2(p, w2),    p = leaky_relu(F1(x, w1) + b1, slope)
//
// LeakyReLU is piecewise linear: its derivative m(x), 1 or slope by the sign of F1(x, w1) + b1, does not change when x
// moves a little. So write, for any v of x's shape,
//
// clang-format off
//     p(v) = m(x) (F1(v, w1) + b1)     with bias: at v = x these are the values above
//     p(v) = m(x)  F1(v, w1)           without: the derivative of p in direction v
// clang-format on
//
// and T(v, g) = <F2(p(v), w2), g>. With F, A and B of conv3d.hpp and u = m(x) A2(g, w2), three operators give all its
// derivatives:
//
// clang-format off
//     dT/dg  = F2(p(v), w2)             conv3d_pair: the value (v = x, with bias) or the tangent (without)
//     dT/dv  = A1(u, w1)                conv3d_pair_input_gradient
//     dT/dw1 = B1(v, u)                 conv3d_pair_weight_gradient
//     dT/db1 = sum of u over positions  the same, with bias
//     dT/dw2 = B2(p(v), g)              the same
// clang-format on
//
// The input gradient is the transpose of the tangent, so its derivative for g in direction h is the tangent along h,
// and its derivatives for w1 and w2 are the weight gradients at v = h without bias. p, u and m are computed again
// wherever they are needed, and no result holds them; a backend that fuses never writes them to memory.
#pragma once

#include "tensor/backend.hpp"
#include "tensor/tensor.hpp"

namespace tensor {

/// F2(p(v), w2), with an epilogue. x and v like the first convolution's input, the result like the second's output. All
/// three throw Error naming the geometry for a shape that does not agree with it, for a second convolution that does
/// not read what the first makes, and for a negative slope.
Tensor conv3d_pair(const Conv3dPair& pair, const PairPoint& at, const Tensor& v, PairBias bias,
                   const Epilogue& epilogue = {});
/// A1(m(x) A2(g, w2), w1): g like the second convolution's output, the result like x.
Tensor conv3d_pair_input_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g);

/// Gradients of <F2(p(v), w2), g>.
struct PairGradients {
    Tensor w1, b1, w2;  ///< b1 has no value without bias
};
PairGradients conv3d_pair_weight_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g, const Tensor& v,
                                          PairBias bias);

}  // namespace tensor
