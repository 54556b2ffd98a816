// Numbers for tests of the reference device, and the way there.
#pragma once

#include <complex>
#include <vector>

#include "tensor/tensor.hpp"
#include "tests/support/random_data.hpp"

namespace support {

using Complex = std::complex<double>;
using Values = std::vector<double>;
using Tensors = std::vector<tensor::Tensor>;

/// A tensor without a value stays so.
inline tensor::Tensor on_reference(const tensor::Tensor& x) {
    return x.defined() ? x.to(tensor::Device::reference()) : x;
}
inline Tensors on_reference(const Tensors& x) {
    Tensors moved;
    for (const tensor::Tensor& each : x) moved.push_back(on_reference(each));
    return moved;
}

/// Small whole numbers, and real ones.
inline tensor::Tensor whole(const tensor::Shape& shape, std::uint64_t seed) {
    return whole_tensor<double>(shape, seed);
}
inline tensor::Tensor real(const tensor::Shape& shape, std::uint64_t seed) { return real_tensor<double>(shape, seed); }

}  // namespace support
