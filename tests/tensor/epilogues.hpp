// What F, A and NN may do in the same pass as their product, and the same as operators one after the other.
#pragma once

#include <vector>

#include "tensor/elementwise.hpp"
#include "tensor/epilogue.hpp"
#include "tensor/packed_bits.hpp"
#include "tests/support/random_data.hpp"

namespace support {

/// Every mixture of parts, for a result like `y`.
template <typename T>
std::vector<tensor::Epilogue> epilogues(const tensor::Tensor& y) {
    const tensor::Tensor bias = real_tensor<T>({y.shape()[-1]}, 3), mask = real_tensor<T>(y.shape(), 4),
                         bits = tensor::positive_bits(mask);
    return {{.bias = bias},
            {.slope = 0.2},
            {.bias = bias, .slope = 0.2},
            {.bias = bias, .slope = 0.0},
            {.mask = mask, .mask_slope = 0.2},
            {.mask = mask, .mask_slope = 0.0},
            {.bias = bias, .slope = 0.2, .mask = mask, .mask_slope = 0.1},
            {.mask = bits, .mask_slope = 0.2},
            {.bias = bias, .slope = 0.2, .mask = bits, .mask_slope = 0.0}};
}

/// The epilogue of a product y as separate operators.
inline tensor::Tensor composed(tensor::Tensor y, const tensor::Epilogue& epilogue) {
    if (epilogue.bias.defined()) y = tensor::add(y, epilogue.bias);
    if (epilogue.slope != 1.0) y = tensor::leaky_relu(y, epilogue.slope);
    if (epilogue.has_mask()) y = tensor::leaky_relu_mask(epilogue.mask, y, epilogue.mask_slope);
    return y;
}

}  // namespace support
