// A matrix product for operands that are in the cache already: no packing, the tiles of tile.hpp. Where a product is
// small, packing and the choice of a kernel cost a library more than the product (16 x 16 x 16: 0.4 us in oneDNN, 0.07
// us here; bench/results/2026-11-27-music-on-two-cores.md).
#pragma once

#include "tensor/cpu/gemm.hpp"
#include "tensor/cpu/tile.hpp"

namespace tensor::cpu {

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

/// Columns [first, first + vectors x lanes) of the product, all rows, in tiles of nearly equal height.
template <typename T, int vectors, bool transpose_a>
void multiply_columns(const Gemm<T>& p, std::int64_t first) {
    const std::int64_t tiles = (p.rows + tile_rows - 1) / tile_rows;
    for (std::int64_t tile = 0, row = 0; tile < tiles; ++tile) {
        const std::int64_t end = (tile + 1) * p.rows / tiles;
        const Term<T> term{.a = p.a + row * (transpose_a ? 1 : p.a_step), .a_step = p.a_step, .inner = p.inner};
        multiply_some_rows<T, vectors, transpose_a>(end - row, std::span(&term, 1), p.b + first, p.b_step, {},
                                                    p.accumulate, p.c + row * p.c_step + first, p.c_step);
        row = end;
    }
}

/// The product, where is_small(p).
template <typename T>
void small_gemm(const Gemm<T>& p) {
    for (std::int64_t j = 0; j < p.columns; j += panel_columns<T>) {
        const bool is_whole = j + panel_columns<T> <= p.columns;
        if (is_whole && p.transpose_a) multiply_columns<T, tile_vectors, true>(p, j);
        else if (is_whole) multiply_columns<T, tile_vectors, false>(p, j);
        else if (p.transpose_a) multiply_columns<T, 1, true>(p, j);
        else multiply_columns<T, 1, false>(p, j);
    }
}

}  // namespace tensor::cpu
