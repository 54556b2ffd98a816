// How a warp's sums leave its registers: through the epilogue to the result, or as they are to this split's partial
// sums. A lane holds columns 8 j + 2 t and the next (t = lane % 4, j < 4) of the warp's 32, in rows g and g + 8 of each
// fragment (g = lane / 4).
//
// What depends on the column alone (bias, LeakyReLU) is applied to all rows at once. Where the channels are whole words
// of 32, a row's 32 columns have one word of mask bits, and nothing but the row itself has to be checked.
#pragma once

#include "tensor/cuda/conv3d_tile.cuh"

namespace tensor::cuda {

/// Where a warp's sums go.
template <class Tile>
struct WarpRows {
    static constexpr int count = 2 * WarpSums<Tile>::down, across = WarpSums<Tile>::across;
    std::int32_t positions[count];  ///< positions in the result, -1 where there is no row
    std::int32_t columns, column;   ///< of the result; this lane's first

    /// Row r of this lane as an element of the result: that of its first column.
    __device__ std::int64_t element(int r) const { return static_cast<std::int64_t>(positions[r]) * columns + column; }
};

/// Bias and LeakyReLU.
template <class Tile>
__device__ inline void apply_to_columns(const KernelEpilogue<float>& epilogue, const WarpRows<Tile>& rows,
                                        WarpSums<Tile>& warp) {
    if (epilogue.bias) {
#pragma unroll
        for (int j = 0; j < WarpRows<Tile>::across; ++j)
#pragma unroll
            for (int part = 0; part < 2; ++part) {
                const std::int32_t column = rows.column + 8 * j + part;
                const float bias = column < rows.columns ? epilogue.bias[column] : 0.0f;
#pragma unroll
                for (int r = 0; r < WarpRows<Tile>::count; ++r) warp.value(r, j, part) += bias;
            }
    }
    if (epilogue.slope != 1.0f) {
#pragma unroll
        for (int r = 0; r < WarpRows<Tile>::count; ++r)
#pragma unroll
            for (int j = 0; j < WarpRows<Tile>::across; ++j)
#pragma unroll
                for (int part = 0; part < 2; ++part) {
                    float& value = warp.value(r, j, part);
                    value = LeakyRelu{epilogue.slope}(value);
                }
    }
}

/// The mask, where the channels are whole words.
template <class Tile>
__device__ inline void mask_words(const KernelEpilogue<float>& epilogue, const WarpRows<Tile>& rows,
                                  WarpSums<Tile>& warp) {
    constexpr int count = WarpRows<Tile>::count, across = WarpRows<Tile>::across;
    if (epilogue.mask_bits) {
        const int first_bit = rows.column % 32;
        std::uint32_t words[count];  // read before any of them is used
#pragma unroll
        for (int r = 0; r < count; ++r)
            words[r] = rows.positions[r] >= 0 ? epilogue.mask_bits[rows.element(r) >> 5] >> first_bit : 0;
#pragma unroll
        for (int r = 0; r < count; ++r)
#pragma unroll
            for (int j = 0; j < across; ++j)
#pragma unroll
                for (int part = 0; part < 2; ++part)
                    if ((words[r] & 1u << (8 * j + part)) == 0) warp.value(r, j, part) *= epilogue.mask_slope;
    } else if (epilogue.mask) {
#pragma unroll
        for (int r = 0; r < count; ++r) {
            if (rows.positions[r] < 0) continue;
#pragma unroll
            for (int j = 0; j < across; ++j) {
                const float2 mask = *reinterpret_cast<const float2*>(epilogue.mask + rows.element(r) + 8 * j);
                if (!is_positive(mask.x)) warp.value(r, j, 0) *= epilogue.mask_slope;
                if (!is_positive(mask.y)) warp.value(r, j, 1) *= epilogue.mask_slope;
            }
        }
    }
}

/// Writes the bits of a row's 32 columns (8 from each of the four lanes that share the row) to their word.
__device__ inline void store_positive(std::uint32_t* word, std::uint32_t bits) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const unsigned quad = 0xFu << (lane & ~3);
    bits |= __shfl_xor_sync(quad, bits, 1);
    bits |= __shfl_xor_sync(quad, bits, 2);
    if (lane % 4 == 0) *word = bits;
}

/// Stores rows of whole words, and the bits of what is positive to `positive` unless that is null.
template <class Tile>
__device__ inline void store_words(float* to, std::uint32_t* positive, const WarpRows<Tile>& rows,
                                   const WarpSums<Tile>& warp) {
#pragma unroll
    for (int r = 0; r < WarpRows<Tile>::count; ++r) {
        if (rows.positions[r] < 0) continue;
        const std::int64_t element = rows.element(r);
#pragma unroll
        for (int j = 0; j < WarpRows<Tile>::across; ++j)
            *reinterpret_cast<float2*>(to + element + 8 * j) = make_float2(warp.value(r, j, 0), warp.value(r, j, 1));
        if (!positive) continue;
        std::uint32_t bits = 0;
#pragma unroll
        for (int j = 0; j < WarpRows<Tile>::across; ++j)
#pragma unroll
            for (int part = 0; part < 2; ++part) bits |= warp.value(r, j, part) > 0 ? 1u << (8 * j + part) : 0u;
        store_positive(positive + (element >> 5), bits << rows.column % 32);
    }
}

/// Masks and stores rows of any channels, value by value.
template <class Tile>
__device__ inline void store_values(const KernelEpilogue<float>& epilogue, bool masked, float* to,
                                    const WarpRows<Tile>& rows, const WarpSums<Tile>& warp) {
#pragma unroll
    for (int r = 0; r < WarpRows<Tile>::count; ++r) {
        if (rows.positions[r] < 0) continue;
#pragma unroll
        for (int j = 0; j < WarpRows<Tile>::across; ++j) {
            const std::int32_t left = rows.columns - rows.column - 8 * j;
            if (left <= 0) continue;
            const std::int64_t element = rows.element(r) + 8 * j;
            float first = warp.value(r, j, 0), second = warp.value(r, j, 1);
            if (masked && !epilogue.mask_is_positive(element)) first *= epilogue.mask_slope;
            if (masked && left > 1 && !epilogue.mask_is_positive(element + 1)) second *= epilogue.mask_slope;
            if (rows.columns % 2 == 0) {
                *reinterpret_cast<float2*>(to + element) = make_float2(first, second);
            } else {
                to[element] = first;
                if (left > 1) to[element + 1] = second;
            }
        }
    }
}

/// All of it, for one warp.
template <class Tile>
__device__ inline void store_sums(const Product& p, std::int32_t split, const WarpRows<Tile>& rows,
                                  WarpSums<Tile>& warp) {
    const bool whole_words = rows.columns % 32 == 0;
    if (whole_words && rows.column >= rows.columns) return;
    if (p.partial) {
        float* const to = p.partial + split * p.result_elements;
        if (whole_words) store_words(to, nullptr, rows, warp);
        else store_values(p.epilogue, false, to, rows, warp);
        return;
    }
    apply_to_columns(p.epilogue, rows, warp);
    if (whole_words) {
        mask_words(p.epilogue, rows, warp);
        store_words(p.result, p.positive, rows, warp);
    } else {
        store_values(p.epilogue, p.epilogue.mask || p.epilogue.mask_bits, p.result, rows, warp);
    }
}

}  // namespace tensor::cuda
