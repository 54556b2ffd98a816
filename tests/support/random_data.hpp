// Test data. From a seed: whole numbers, whose sums are exact in every number type, and real ones. Without: 0, 1, 2,
// ...
#pragma once

#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include "tensor/tensor.hpp"

namespace support {

/// Whole numbers in [-4, 4]. A product is at most 16, so sums of fewer than 2^20 products stay below 2^24 and are exact
/// in f32 in whatever order they are added: operators can be compared with ==.
template <typename T>
std::vector<T> whole_numbers(std::int64_t count, std::uint64_t seed) {
    std::mt19937_64 generator(seed);
    std::vector<T> values;
    values.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) values.push_back(static_cast<T>(static_cast<int>(generator() % 9) - 4));
    return values;
}

/// Multiples of 2^-23 in [-1, 1): exact in f32, so f32 and f64 start from the same values; their products round.
template <typename T>
std::vector<T> real_numbers(std::int64_t count, std::uint64_t seed) {
    std::mt19937_64 generator(seed);
    std::vector<T> values;
    values.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i)
        values.push_back(static_cast<T>(static_cast<double>(generator() >> 40) * 0x1p-23 - 1.0));
    return values;
}

template <typename T>
tensor::Tensor whole_tensor(const tensor::Shape& shape, std::uint64_t seed,
                            tensor::Device device = tensor::Device::cpu()) {
    return tensor::Tensor::from(whole_numbers<T>(shape.elements(), seed), shape, device);
}

template <typename T>
tensor::Tensor real_tensor(const tensor::Shape& shape, std::uint64_t seed,
                           tensor::Device device = tensor::Device::cpu()) {
    return tensor::Tensor::from(real_numbers<T>(shape.elements(), seed), shape, device);
}

/// 0, 1, 2, ...: every element is its own address (modulo 256 in bytes).
template <typename T>
tensor::Tensor counting_tensor(const tensor::Shape& shape) {
    std::vector<T> values(static_cast<std::size_t>(shape.elements()));
    std::iota(values.begin(), values.end(), T(0));
    return tensor::Tensor::from(values, shape);
}

}  // namespace support
