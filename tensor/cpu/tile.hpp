// The innermost loop of every product: a tile of the result in registers, to which rows of a and a panel of b are
// multiplied. Everything around it (panels.hpp, conv3d.cpp) sees to it that what it reads is in a cache.
#pragma once

#include <algorithm>
#include <span>

#include "tensor/cpu/vector.hpp"

namespace tensor::cpu {

/// A tile is `tile_rows` x (`tile_vectors` vectors): as many sums as the registers hold beside the vectors of b and one
/// number of a. 24 of 32 registers, or 12 of 16.
inline constexpr int tile_vectors = 2;
inline constexpr int tile_rows = vector_registers == 32 ? 12 : 6;

template <typename T>
inline constexpr std::int64_t panel_columns = tile_vectors* lanes<T>;

/// One summand of c = sum over terms of a_term b_term: the products of one tap or of several neighbouring ones.
template <typename T>
struct Term {
    const T* a = nullptr;      ///< its row for the first row of c
    std::int64_t a_step = 0;   ///< from one row to the next
    std::int64_t b_first = 0;  ///< the row of the packed b that its first number meets
    std::int64_t inner = 0;    ///< numbers in a row
};

/// What to fetch into the cache while a tile is computed, so that the next one finds it there. The processor's own
/// prefetching is late for a dozen rows at once: 188 instead of 254 GFLOP/s on a core of 267 (128 x 128, rows from
/// memory).
template <typename T>
struct Ahead {
    std::int64_t first_row = 0, rows = 0;  ///< of each term's a, counted from the tile's own first row
    const T* column = nullptr;             ///< by columns: `lines` lines from column[k * column_step] on, for every k
    std::int64_t column_step = 0, lines = 0;
};

/// Numbers that come from memory together.
template <typename T>
inline constexpr std::int64_t line = 64 / static_cast<std::int64_t>(sizeof(T));

/// c [rows, vectors] = the sum of the terms, added to c if `accumulate`. The rows of b are `b_step` apart. If
/// `by_columns`, a is stored so that its k-th column is `rows` neighbouring numbers, a_step apart.
template <typename T, int rows, int vectors, bool by_columns>
inline void multiply_tile(std::span<const Term<T>> terms, const T* __restrict first_b, std::int64_t b_step,
                          const Ahead<T>& ahead, bool accumulate, T* __restrict c, std::int64_t c_step) {
    Vector<T> sum[rows][vectors] = {};
    for (const Term<T>& term : terms) {
        const T* __restrict const a = term.a;
        const T* __restrict b = first_b + term.b_first * b_step;
        for (std::int64_t block = 0; block < term.inner; block += line<T>) {
            const std::int64_t end = std::min(term.inner, block + line<T>);
            if constexpr (by_columns) {
                for (std::int64_t i = 0; i < ahead.lines; ++i)
                    for (std::int64_t k = block; k < end; ++k)
                        __builtin_prefetch(ahead.column + k * ahead.column_step + i * line<T>);
            } else {
                for (std::int64_t i = 0; i < ahead.rows; ++i)
                    __builtin_prefetch(a + (ahead.first_row + i) * term.a_step + block);
            }
            for (std::int64_t k = block; k < end; ++k, b += b_step) {
                Vector<T> right[vectors];
#pragma GCC unroll 4
                for (int v = 0; v < vectors; ++v) right[v] = load(b + v * lanes<T>);
#pragma GCC unroll 16
                for (int i = 0; i < rows; ++i) {
                    const T left = by_columns ? a[k * term.a_step + i] : a[i * term.a_step + k];
#pragma GCC unroll 4
                    for (int v = 0; v < vectors; ++v) sum[i][v] += left * right[v];
                }
            }
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

/// The same for a number of rows from 1 to `rows`, which is known only now.
template <typename T, int vectors, bool by_columns, int rows = tile_rows>
inline void multiply_some_rows(std::int64_t count, std::span<const Term<T>> terms, const T* b, std::int64_t b_step,
                               const Ahead<T>& ahead, bool accumulate, T* c, std::int64_t c_step) {
    if (count == rows)
        return multiply_tile<T, rows, vectors, by_columns>(terms, b, b_step, ahead, accumulate, c, c_step);
    if constexpr (rows > 1)
        multiply_some_rows<T, vectors, by_columns, rows - 1>(count, terms, b, b_step, ahead, accumulate, c, c_step);
}

}  // namespace tensor::cpu
