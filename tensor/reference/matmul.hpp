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
#include "tensor/reference/products.hpp"

namespace tensor::reference {

/// Extents of a product: y is [rows, columns], each element a sum of `inner` terms.
struct MatmulExtents {
    std::int64_t rows = 1, inner = 1, columns = 1;
};

/// y[i, k] = sum_j left[i row_step + j inner_step] right[j columns + k].
template <typename T>
std::vector<T> matmul_of(const MatmulExtents& e, std::span<const T> left, std::int64_t row_step,
                         std::int64_t inner_step, std::span<const T> right) {
    require_elements("reference matmul", left, {e.rows, e.inner});
    require_elements("reference matmul", right, {e.inner, e.columns});
    std::vector<T> y(static_cast<std::size_t>(e.rows * e.columns));
    for_each_block(e.columns, channel_block, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = 0; i < e.rows; ++i)
            for (std::int64_t j = 0; j < e.inner; ++j)
                add_multiple(left[static_cast<std::size_t>(i * row_step + j * inner_step)],
                             right.data() + j * e.columns + begin, end - begin, y.data() + i * e.columns + begin);
    });
    return y;
}

/// a [I, J], b [J, K] -> [I, K].
template <typename T>
std::vector<T> matmul_nn(std::span<const T> a, std::span<const T> b, const MatmulExtents& e) {
    return matmul_of<T>(e, a, e.inner, 1, b);
}

/// a [I, J], b [K, J] -> [I, K].
template <typename T>
std::vector<T> matmul_nt(std::span<const T> a, std::span<const T> b, const MatmulExtents& e) {
    return matmul_of<T>(e, a, e.inner, 1, transposed(b, e.columns, e.inner));
}

/// a [J, I], b [J, K] -> [I, K].
template <typename T>
std::vector<T> matmul_tn(std::span<const T> a, std::span<const T> b, const MatmulExtents& e) {
    return matmul_of<T>(e, a, 1, e.rows, b);
}

}  // namespace tensor::reference
