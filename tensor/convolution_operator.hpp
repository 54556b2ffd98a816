// The three operators of a convolution.
#pragma once

namespace tensor {

/// F, A and B of conv3d.hpp.
enum class ConvolutionOperator { forward, input_gradient, weight_gradient };

}  // namespace tensor
