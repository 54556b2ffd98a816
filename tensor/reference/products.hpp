// What convolutions and matrix products share: many independent sums of products. Each sum has one fixed order, whoever
// computes it; threads and blocks only share out which.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "tensor/bf16.hpp"
#include "tensor/precision.hpp"
#include "tensor/reference/blocks.hpp"

namespace tensor::reference {

/// Sums that one thread works on at a time: a block of weights that wide stays in a core's cache.
inline constexpr std::int64_t channel_block = 16;

/// a b. Of complex numbers by the definition: std::complex also asks of every product whether it is a NaN that should
/// have been infinite, which takes longer than the product.
template <typename T>
inline T multiply(const T& a, const T& b) {
    if constexpr (requires { a.imag(); })
        return T(a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real());
    else return a * b;
}

/// sums[k] += factor row[k] for k < width.
template <typename T>
inline void add_multiple(const T& factor, const T* row, std::int64_t width, T* sums) {
#pragma omp simd
    for (std::int64_t k = 0; k < width; ++k) sums[k] += multiply(factor, row[k]);
}

/// What a product in this precision multiplies in place of `values`: in bf16 their rounded values, of f32 numbers
/// alone. Not for tf32, whose rounding is a device's own.
template <typename T>
std::vector<T> operand(std::span<const T> values, Precision precision) {
    std::vector<T> taken(values.begin(), values.end());
    if constexpr (std::is_same_v<T, float>)
        if (precision == Precision::bf16) std::ranges::transform(taken, taken.begin(), round_to_bf16);
    return taken;
}

/// [rows, columns] -> [columns, rows], for each of the matrices that lie one behind the other.
template <typename T>
std::vector<T> transposed(std::span<const T> matrices, std::int64_t rows, std::int64_t columns) {
    std::vector<T> result(matrices.size());
    const auto size = static_cast<std::int64_t>(matrices.size());
    for (std::int64_t first = 0; first < size; first += rows * columns)
        for (std::int64_t i = 0; i < rows; ++i)
            for (std::int64_t j = 0; j < columns; ++j)
                result[static_cast<std::size_t>(first + j * rows + i)] =
                    matrices[static_cast<std::size_t>(first + i * columns + j)];
    return result;
}

}  // namespace tensor::reference
