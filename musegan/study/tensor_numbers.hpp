// Numbers of tensors on any device, summed on the host in f64: what explanations print, compare and divide by.
#pragma once

#include <span>

#include "tensor/tensor.hpp"

namespace musegan {

/// The root of the sum of squares.
double norm_of(const tensor::Tensor& x);
/// Of several as one.
double norm_of(std::span<const tensor::Tensor> parts);
/// The sum of products, element by element in memory's order. Throws Error unless both have as many elements.
double inner_product(const tensor::Tensor& a, const tensor::Tensor& b);

}  // namespace musegan
