// The innermost loop of every product: a tile of the result in registers, to which rows of a and a panel of b are
// multiplied. Everything around it (panels.hpp, conv3d.cpp) sees to it that what it reads is in a cache.
#pragma once

#include <algorithm>
#include <span>

#include "tensor/cpu/operand.hpp"

namespace tensor::cpu {

/// A tile is `tile_rows` x (`tile_vectors` vectors): as many sums as the registers hold beside the vectors of b and one
/// number of a. 24 of 32 registers, or 12 of 16.
inline constexpr int tile_vectors = 2;
inline constexpr int tile_rows = vector_registers == 32 ? 12 : 6;

template <typename T>
inline constexpr std::int64_t panel_columns = tile_vectors* lanes<T>;

/// One summand of c = sum over terms of a_term b_term: the products of one tap or of several neighbouring ones.
/// Everything counts elements of the operands' type O (operand.hpp).
template <typename O>
struct Term {
    const O* a = nullptr;          ///< its row for the first row of c
    std::int64_t a_step = 0;       ///< from one row to the next
    std::int64_t b_first = 0;      ///< the row of the packed b that its first element meets
    std::int64_t inner = 0;        ///< elements in a row
    const char* source = nullptr;  ///< the memory that the rows to fetch ahead are read from, row by row; or null
    std::int64_t source_step = 0;  ///< in bytes
};

/// What to fetch into the cache while a tile is computed, so that the next one finds it there. The processor's own
/// prefetching is late for a dozen rows at once: 188 instead of 254 GFLOP/s on a core of 267 (128 x 128, rows from
/// memory).
struct Ahead {
    std::int64_t first_row = 0, rows = 0;  ///< of each term's source, counted from the tile's own first row
    const char* column = nullptr;          ///< by columns: `lines` lines of each row of numbers that the tile sums over
    std::int64_t column_step = 0, lines = 0;  ///< the step in bytes
};

/// Numbers that come from memory together.
template <typename T>
inline constexpr std::int64_t line = 64 / static_cast<std::int64_t>(sizeof(T));

/// c [rows, vectors] = the sum of the terms, added to c if `accumulate`. The rows of b are `b_step` apart. If
/// `by_columns`, a is stored so that its k-th column is `rows` neighbouring elements, a_step apart.
template <typename O, int rows, int vectors, bool by_columns>
inline void multiply_tile(std::span<const Term<O>> terms, const O* __restrict first_b, std::int64_t b_step,
                          const Ahead& ahead, bool accumulate, Number<O>* __restrict c, std::int64_t c_step) {
    using T = Number<O>;
    Vector<T> sum[rows][vectors] = {};
    for (const Term<O>& term : terms) {
        const O* __restrict const a = term.a;
        const O* __restrict b = first_b + term.b_first * b_step;
        const std::int64_t rows_ahead = term.source ? ahead.rows : 0;
        for (std::int64_t block = 0; block < term.inner; block += line<O>) {
            const std::int64_t end = std::min(term.inner, block + line<O>);
            if constexpr (!by_columns) {
                for (std::int64_t i = 0; i < rows_ahead; ++i)
                    for (std::int64_t half = 0; half < numbers_per<O>; ++half)
                        __builtin_prefetch(term.source + (ahead.first_row + i) * term.source_step +
                                           (block / line<O> * numbers_per<O> + half) * 64);
            }
            for (std::int64_t k = block; k < end; ++k, b += b_step) {
                if constexpr (by_columns)
                    for (std::int64_t i = 0; i < ahead.lines; ++i)
                        for (std::int64_t row = k * numbers_per<O>; row < (k + 1) * numbers_per<O>; ++row)
                            __builtin_prefetch(ahead.column + row * ahead.column_step + i * 64);
                Vector<O> right[vectors];
#pragma GCC unroll 4
                for (int v = 0; v < vectors; ++v) right[v] = load(b + v * lanes<O>);
#pragma GCC unroll 16
                for (int i = 0; i < rows; ++i) {
                    const O left = by_columns ? a[k * term.a_step + i] : a[i * term.a_step + k];
#pragma GCC unroll 4
                    for (int v = 0; v < vectors; ++v) multiply_add<O>(sum[i][v], left, right[v]);
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
template <typename O, int vectors, bool by_columns, int rows = tile_rows>
inline void multiply_some_rows(std::int64_t count, std::span<const Term<O>> terms, const O* b, std::int64_t b_step,
                               const Ahead& ahead, bool accumulate, Number<O>* c, std::int64_t c_step) {
    if (count == rows)
        return multiply_tile<O, rows, vectors, by_columns>(terms, b, b_step, ahead, accumulate, c, c_step);
    if constexpr (rows > 1)
        multiply_some_rows<O, vectors, by_columns, rows - 1>(count, terms, b, b_step, ahead, accumulate, c, c_step);
}

}  // namespace tensor::cpu
