// What the operators of conv3d_pair.hpp and the backends' kernels for them are handed.
#pragma once

#include "tensor/conv3d_geometry.hpp"
#include "tensor/pair_part.hpp"
#include "tensor/tensor.hpp"

namespace tensor {

/// Two convolutions with a LeakyReLU between them: F2(leaky_relu(F1(x, w1) + b1), w2). See conv3d_pair.hpp.
struct Conv3dPair {
    Conv3dGeometry first, second;  ///< second reads what first makes
    double slope = 1.0;
};

/// The point x at which the derivative m of the LeakyReLU in between is taken (m(x) is 1 or slope, by the sign of F1(x,
/// w1) + b1), and the weights of both convolutions.
struct PairPoint {
    Tensor x, w1, b1, w2;
};

}  // namespace tensor
