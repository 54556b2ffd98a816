// Matrix products by their definition. Letters: I rows of the result, J the inner extent, K columns of the result.
//
// clang-format off
//     NN  y = a b      a [I, J]  b [J, K]        rules for cotangent g [I, K]:   a: NT(g, b)   b: TN(a, g)
//     NT  y = a b^T    a [I, J]  b [K, J]                                        a: NN(g, b)   b: TN(g, a)
//     TN  y = a^T b    a [J, I]  b [J, K]                                        a: NT(b, g)   b: NN(a, g)
// clang-format on
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/reference/index.hpp"

namespace tensor::reference {

/// Extents of a product: y is [rows, columns], each element a sum of `inner` terms.
struct MatmulExtents {
    std::int64_t rows = 1, inner = 1, columns = 1;
};

/// y[i, k] = sum_j left(i, j) right(j, k), where left and right answer an element.
template <typename T, typename Left, typename Right>
std::vector<T> matmul_of(const MatmulExtents& e, Left left, Right right) {
    std::vector<T> y(static_cast<std::size_t>(e.rows * e.columns));
    for (std::int64_t i = 0; i < e.rows; ++i)
        for (std::int64_t k = 0; k < e.columns; ++k)
            for (std::int64_t j = 0; j < e.inner; ++j)
                y[static_cast<std::size_t>(i * e.columns + k)] += left(i, j) * right(j, k);
    return y;
}

/// a [I, J], b [J, K] -> [I, K].
template <typename T>
std::vector<T> matmul_nn(std::span<const T> a, std::span<const T> b, const MatmulExtents& e) {
    return matmul_of<T>(
        e, [&](std::int64_t i, std::int64_t j) { return a[static_cast<std::size_t>(i * e.inner + j)]; },
        [&](std::int64_t j, std::int64_t k) { return b[static_cast<std::size_t>(j * e.columns + k)]; });
}

/// a [I, J], b [K, J] -> [I, K].
template <typename T>
std::vector<T> matmul_nt(std::span<const T> a, std::span<const T> b, const MatmulExtents& e) {
    return matmul_of<T>(
        e, [&](std::int64_t i, std::int64_t j) { return a[static_cast<std::size_t>(i * e.inner + j)]; },
        [&](std::int64_t j, std::int64_t k) { return b[static_cast<std::size_t>(k * e.inner + j)]; });
}

/// a [J, I], b [J, K] -> [I, K].
template <typename T>
std::vector<T> matmul_tn(std::span<const T> a, std::span<const T> b, const MatmulExtents& e) {
    return matmul_of<T>(
        e, [&](std::int64_t i, std::int64_t j) { return a[static_cast<std::size_t>(j * e.rows + i)]; },
        [&](std::int64_t j, std::int64_t k) { return b[static_cast<std::size_t>(j * e.columns + k)]; });
}

}  // namespace tensor::reference
