// Two convolutions as one operator on variables; see tensor/conv3d_pair.hpp for the formula.
#pragma once

#include "autograd/batch.hpp"
#include "tensor/conv3d_geometry.hpp"

namespace autograd {

using tensor::Conv3dGeometry;

/// leaky_relu(F2(leaky_relu(F1(x, w1) + b1, slope1), w2) + b2, slope2): what two calls of conv3d_bias_leaky_relu
/// (conv3d.hpp) compute, without keeping the first one's result. b1 [K1]; b2 [K2] may be left undefined; slope2 = 1
/// means no activation. The value, all first derivatives, and those derivatives of the input gradient that a gradient
/// penalty asks for are fused; the rest goes through the composition of plain operators. So every order exists.
Batch conv3d_pair_bias_leaky_relu(const Batch& x, const Variable& w1, const Variable& b1, double slope1,
                                  const Variable& w2, const Variable& b2, double slope2,
                                  const Conv3dGeometry& geometry1, const Conv3dGeometry& geometry2);

}  // namespace autograd
