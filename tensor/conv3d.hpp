// 3D convolution over time x pitch x track: a closed set of three operators over one geometry.
//
// Let T(x, w, g) = sum over all valid taps of x w g, linear in each argument. Then
//
// clang-format off
//     F(x, w) = dT/dg   the convolution             conv3d
//     A(g, w) = dT/dx   its input gradient          conv3d_input_gradient  (also: the transposed convolution)
//     B(x, g) = dT/dw   its weight gradient         conv3d_weight_gradient
// clang-format on
//
// and <F(x, w), g> = <x, A(g, w)> = <w, B(x, g)> = T. Each is bilinear and its derivatives are the other two
// (autograd/conv3d.cpp), so the gradient of a gradient needs no fourth kernel.
#pragma once

#include "tensor/conv3d_geometry.hpp"
#include "tensor/epilogue.hpp"
#include "tensor/tensor.hpp"

namespace tensor {

/// F: x [N, T, P, M, C], w [R, S, U, C, K] -> y [N, T', P', M', K]; with an epilogue, + bias [K], LeakyReLU and a mask
/// like y in the same pass. If `positive` is given, it receives the positive_bits (packed_bits.hpp) of the result. All
/// three throw Error naming the geometry when a shape does not agree with it.
Tensor conv3d(const Tensor& x, const Tensor& w, const Conv3dGeometry& geometry, const Epilogue& epilogue = {},
              Tensor* positive = nullptr);
/// A: g like y, w -> like x; with an epilogue, + bias [C], LeakyReLU and a mask like x in the same pass; `positive`
/// as above.
Tensor conv3d_input_gradient(const Tensor& g, const Tensor& w, const Conv3dGeometry& geometry,
                             const Epilogue& epilogue = {}, Tensor* positive = nullptr);
/// B: x, g like y -> like w.
Tensor conv3d_weight_gradient(const Tensor& x, const Tensor& g, const Conv3dGeometry& geometry);

}  // namespace tensor
