// A matrix product for operands that are in the cache already: no packing, a tile of the result in registers. Where a
// product is small, packing and the choice of a kernel cost a library more than the product (16 x 16 x 16: 0.4 us in
// oneDNN, 0.07 us here; bench/results/2026-11-27-music-on-two-cores.md).
#pragma once

#include "tensor/cpu/gemm.hpp"
#include "tensor/cpu/vector.hpp"

namespace tensor::cpu {

namespace small {

constexpr std::int64_t most_rows = vector_registers == 32 ? 12 : 6;  // x 2 vectors of sums

/// `rows` x (`vectors` vectors) of c = a' b + beta c.
template <typename T, int rows, int vectors, bool transpose_a>
inline void multiply_tile(const T* __restrict a, std::int64_t a_step, const T* __restrict b, std::int64_t b_step,
                          std::int64_t inner, bool accumulate, T* __restrict c, std::int64_t c_step) {
    Vector<T> sum[rows][vectors] = {};
    for (std::int64_t k = 0; k < inner; ++k) {
        Vector<T> right[vectors];
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) right[v] = load(b + k * b_step + v * lanes<T>);
#pragma GCC unroll 16
        for (int i = 0; i < rows; ++i) {
            const T left = transpose_a ? a[k * a_step + i] : a[i * a_step + k];
#pragma GCC unroll 4
            for (int v = 0; v < vectors; ++v) sum[i][v] += left * right[v];
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) {
            T* const to = c + i * c_step + v * lanes<T>;
            store<T>(accumulate ? load(to) + sum[i][v] : sum[i][v], to);
        }
}

template <typename T, int vectors, bool transpose_a, int rows = static_cast<int>(most_rows)>
inline void multiply_rows(std::int64_t count, const T* a, std::int64_t a_step, const T* b, std::int64_t b_step,
                          std::int64_t inner, bool accumulate, T* c, std::int64_t c_step) {
    if (count == rows)
        return multiply_tile<T, rows, vectors, transpose_a>(a, a_step, b, b_step, inner, accumulate, c, c_step);
    if constexpr (rows > 1)
        multiply_rows<T, vectors, transpose_a, rows - 1>(count, a, a_step, b, b_step, inner, accumulate, c, c_step);
}

/// The columns [0, vectors x lanes) of c, all rows, in tiles of nearly equal height.
template <typename T, int vectors, bool transpose_a>
void multiply_columns(std::int64_t rows, const T* a, std::int64_t a_step, const T* b, std::int64_t b_step,
                      std::int64_t inner, bool accumulate, T* c, std::int64_t c_step) {
    const std::int64_t tiles = (rows + most_rows - 1) / most_rows;
    for (std::int64_t tile = 0, first = 0; tile < tiles; ++tile) {
        const std::int64_t end = (tile + 1) * rows / tiles;
        multiply_rows<T, vectors, transpose_a>(end - first, a + first * (transpose_a ? 1 : a_step), a_step, b, b_step,
                                               inner, accumulate, c + first * c_step, c_step);
        first = end;
    }
}

template <typename T, bool transpose_a>
void multiply(const Gemm<T>& p) {
    std::int64_t j = 0;
    for (; j + 2 * lanes<T> <= p.columns; j += 2 * lanes<T>)
        multiply_columns<T, 2, transpose_a>(p.rows, p.a, p.a_step, p.b + j, p.b_step, p.inner, p.accumulate, p.c + j,
                                            p.c_step);
    for (; j + lanes<T> <= p.columns; j += lanes<T>)
        multiply_columns<T, 1, transpose_a>(p.rows, p.a, p.a_step, p.b + j, p.b_step, p.inner, p.accumulate, p.c + j,
                                            p.c_step);
}

}  // namespace small

/// Whether small_gemm takes the product, and is at least as fast as a library: whole vectors of columns, a b that stays
/// in the second-level cache while the rows pass by, an a whose rows as stored fill some of a tile, and no more work
/// than a library would need to earn back its packing.
template <typename T>
bool is_small(const Gemm<T>& p) {
    constexpr std::int64_t b_bytes = 1 << 18, most_products = 1 << 23, least_row = 6;
    return !p.transpose_b && p.columns % lanes<T> == 0 &&
           p.inner * p.columns * static_cast<std::int64_t>(sizeof(T)) <= b_bytes &&
           p.rows * p.inner * p.columns <= most_products && (p.transpose_a ? p.rows : p.inner) >= least_row;
}

/// The product, where is_small(p).
template <typename T>
void small_gemm(const Gemm<T>& p) {
    if (p.transpose_a) small::multiply<T, true>(p);
    else small::multiply<T, false>(p);
}

}  // namespace tensor::cpu
