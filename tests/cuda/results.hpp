// What the tests of the CUDA backend's operators share: results that show which elements were not written, and results
// of both backends side by side.
#pragma once

#include <limits>
#include <numeric>
#include <vector>

#include "tensor/backend.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/random_data.hpp"

namespace support {

/// A tensor that holds NaN, which equals nothing, in every element that is not written later (171 in bytes).
template <typename T>
tensor::Tensor unwritten(const tensor::Shape& shape, tensor::Device device) {
    const T value = std::numeric_limits<T>::has_quiet_NaN ? std::numeric_limits<T>::quiet_NaN() : T(171);
    const std::vector<T> values(static_cast<std::size_t>(shape.elements()), value);
    return tensor::Tensor::from(values, shape, device);
}

/// What compute(backend of the device, y) leaves in y, which starts unwritten.
template <typename T, typename Compute>
std::vector<T> result_on(tensor::Device device, const tensor::Shape& shape, const Compute& compute) {
    tensor::Tensor y = unwritten<T>(shape, device);
    compute(tensor::backend(device), y);
    return y.values<T>();
}

/// "" if the GPU's result is the CPU's, element by element; else the worst of them.
template <typename T, typename Compute>
std::string unlike_cpu(const tensor::Shape& shape, const Compute& compute) {
    return difference(result_on<T>(tensor::Device::cuda(), shape, compute),
                      result_on<T>(tensor::Device::cpu(), shape, compute));
}

/// Moves an operand to the device of the backend that is to read it.
inline tensor::Tensor there(const tensor::Tensor& x, const tensor::Tensor& y) { return x.to(y.device()); }

/// Counts on both sides of a vector's width, of a warp and of a block's 256 threads.
inline const std::vector<std::int64_t> odd_counts = {0, 1, 3, 31, 33, 255, 256, 257, 1000, 4097};
/// The same for channels, multiples of four among them.
inline const std::vector<std::int64_t> odd_channels = {1, 3, 4, 5, 17, 128, 130};

}  // namespace support
