// A plain blocked matrix product: packs both operands into contiguous panels, then multiplies them in registers. After
// Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34 (2008), section 4.
#pragma once

#include <algorithm>
#include <vector>

#include "tensor/cpu/gemm.hpp"

namespace tensor::cpu {

namespace blocked {

constexpr std::int64_t inner_block = 256;  // a panel of b stays in the second-level cache
constexpr std::int64_t row_block = 64;
constexpr std::int64_t column_block = 512;
constexpr std::int64_t sliver_rows = 6;  // 6 rows x 2 vectors of accumulators leave registers for the operands

template <typename T>
constexpr std::int64_t sliver_columns = 128 / static_cast<std::int64_t>(sizeof(T));

/// [rows, columns] of a matrix (or of its transpose) into slivers of `width` rows, inner index slowest: the order in
/// which the multiplication reads. Missing rows are zeros.
template <typename T>
void pack(const T* from, std::int64_t step, bool by_columns, std::int64_t first, std::int64_t count,
          std::int64_t inner_first, std::int64_t inner, std::int64_t width, T* to) {
    for (std::int64_t sliver = 0; sliver < count; sliver += width)
        for (std::int64_t k = 0; k < inner; ++k)
            for (std::int64_t i = 0; i < width; ++i) {
                const std::int64_t index = first + sliver + i;
                const bool inside = sliver + i < count;
                *to++ = !inside      ? T(0)
                        : by_columns ? from[(inner_first + k) * step + index]
                                     : from[index * step + inner_first + k];
            }
}

template <typename T>
void multiply_tile(const T* a, const T* b, std::int64_t inner, T (&sum)[sliver_rows][sliver_columns<T>]) {
    for (std::int64_t k = 0; k < inner; ++k)
        for (std::int64_t i = 0; i < sliver_rows; ++i) {
            const T factor = a[k * sliver_rows + i];
#pragma omp simd
            for (std::int64_t j = 0; j < sliver_columns<T>; ++j) sum[i][j] += factor * b[k * sliver_columns<T> + j];
        }
}

}  // namespace blocked

template <typename T>
void blocked_gemm(const Gemm<T>& p) {
    using namespace blocked;
    constexpr std::int64_t width = sliver_columns<T>;
    thread_local std::vector<T> a_panel, b_panel;
    a_panel.resize(static_cast<std::size_t>((row_block + sliver_rows) * inner_block));
    b_panel.resize(static_cast<std::size_t>((column_block + width) * inner_block));
    if (!p.accumulate)
        for (std::int64_t i = 0; i < p.rows; ++i) std::fill_n(p.c + i * p.c_step, p.columns, T(0));
    for (std::int64_t j0 = 0; j0 < p.columns; j0 += column_block)
        for (std::int64_t k0 = 0; k0 < p.inner; k0 += inner_block) {
            const std::int64_t columns = std::min(column_block, p.columns - j0),
                               inner = std::min(inner_block, p.inner - k0);
            pack(p.b, p.b_step, !p.transpose_b, j0, columns, k0, inner, width, b_panel.data());
            for (std::int64_t i0 = 0; i0 < p.rows; i0 += row_block) {
                const std::int64_t rows = std::min(row_block, p.rows - i0);
                pack(p.a, p.a_step, p.transpose_a, i0, rows, k0, inner, sliver_rows, a_panel.data());
                for (std::int64_t j = 0; j < columns; j += width)
                    for (std::int64_t i = 0; i < rows; i += sliver_rows) {
                        T sum[sliver_rows][width] = {};
                        multiply_tile<T>(a_panel.data() + i * inner, b_panel.data() + j * inner, inner, sum);
                        for (std::int64_t r = 0; r < std::min(sliver_rows, rows - i); ++r) {
                            T* const c = p.c + (i0 + i + r) * p.c_step + j0 + j;
                            for (std::int64_t s = 0; s < std::min(width, columns - j); ++s) c[s] += sum[r][s];
                        }
                    }
            }
        }
}

}  // namespace tensor::cpu
