// 3D convolution on variables: the same words as tensor/conv3d.hpp, and the convolution layer.
#pragma once

#include "autograd/batch.hpp"
#include "tensor/conv3d_geometry.hpp"

namespace autograd {

using tensor::Conv3dGeometry;

/// F, A and B; see the table in conv3d.cpp.
Variable conv3d(const Variable& x, const Variable& w, const Conv3dGeometry& geometry);
Variable conv3d_input_gradient(const Variable& g, const Variable& w, const Conv3dGeometry& geometry);
Variable conv3d_weight_gradient(const Variable& x, const Variable& g, const Conv3dGeometry& geometry);

/// leaky_relu(F(x, w) + b, slope) in one pass, b [K]. The tape gets the three plain operators for each part; only their
/// last value is ever computed. Slope 1 means no activation.
Batch conv3d_bias_leaky_relu(const Batch& x, const Variable& w, const Variable& b, double slope,
                             const Conv3dGeometry& geometry);

}  // namespace autograd
