// What follows a product (matmul, conv3d) in the same pass.
#pragma once

#include "tensor/tensor.hpp"

namespace tensor {

/// + bias over the last axis (if defined), then LeakyReLU (slope 1: none), then the derivative of another LeakyReLU:
/// leaky_relu_mask(mask, product, mask_slope), where the mask is defined.
struct Epilogue {
    Tensor bias{};
    double slope = 1.0;
    Tensor mask{};  ///< shaped like the result, or the positive_bits of such a tensor
    double mask_slope = 1.0;

    bool empty() const { return !bias.defined() && slope == 1.0 && !mask.defined(); }
    bool has_mask() const { return mask.defined(); }
    bool has_bit_mask() const { return mask.defined() && mask.dtype() == DType::u8; }
};

/// Throws Error("[where] ...") unless bias and mask, where defined, fit `result`: one bias per channel of its last
/// axis, a mask of its very shape, or as many bits as it has elements.
void require_epilogue(const char* where, const Epilogue& epilogue, const Tensor& result);

}  // namespace tensor
