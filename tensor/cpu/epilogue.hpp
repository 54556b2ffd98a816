// What follows a product while its tile is still in the cache.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tensor/backend.hpp"

namespace tensor::cpu {

/// values[k] = leaky_relu_mask(bit first + k, values[k]), whole bytes at once where there are any.
template <typename T>
void apply_bit_mask(const std::uint8_t* bits, double mask_slope, std::int64_t first, std::int64_t count, T* values) {
    const T slope = static_cast<T>(mask_slope);
    const auto apply_one = [&](std::int64_t k) {
        const std::int64_t bit = first + k;
        values[k] = bits[bit / 8] >> (bit % 8) & 1 ? values[k] : slope * values[k];
    };
    std::int64_t k = 0;
    for (; k < count && (first + k) % 8 != 0; ++k) apply_one(k);
    const std::uint8_t* byte = bits + (first + k) / 8;
    for (; k + 8 <= count; k += 8, ++byte) {
        const std::uint32_t eight = *byte;
#pragma omp simd
        for (std::uint32_t j = 0; j < 8; ++j) values[k + j] *= eight >> j & 1 ? T(1) : slope;
    }
    for (; k < count; ++k) apply_one(k);
}

/// The epilogue on a tile of a result: rows x columns elements from `offset` on, rows `step`
/// apart. `first_channel` is the channel of the first column, less than their number; a tile that spans several
/// positions passes through the channels several times.
template <typename T>
void apply_epilogue(const Epilogue& epilogue, std::int64_t rows, std::int64_t columns, std::int64_t first_channel,
                    T* result, std::int64_t offset, std::int64_t step) {
    const LeakyRelu activation{epilogue.slope};
    if (epilogue.bias.defined() || epilogue.slope != 1.0) {
        const std::int64_t channels = epilogue.bias.defined() ? epilogue.bias.elements() : columns;
        const T* const bias = epilogue.bias.defined() ? epilogue.bias.data<T>() : nullptr;
        for (std::int64_t i = 0; i < rows; ++i) {
            std::int64_t channel = bias ? first_channel : 0;
            for (std::int64_t j = 0; j < columns;) {
                const std::int64_t run = std::min(columns - j, channels - channel);
                T* const c = result + offset + i * step + j;
                if (bias) {
#pragma omp simd
                    for (std::int64_t k = 0; k < run; ++k) c[k] = activation(c[k] + bias[channel + k]);
                } else {
#pragma omp simd
                    for (std::int64_t k = 0; k < run; ++k) c[k] = activation(c[k]);
                }
                j += run;
                channel = 0;
            }
        }
    }
    if (!epilogue.has_mask()) return;
    if (epilogue.has_bit_mask()) {
        const std::uint8_t* const bits = epilogue.mask.data<std::uint8_t>();
        for (std::int64_t i = 0; i < rows; ++i)
            apply_bit_mask(bits, epilogue.mask_slope, offset + i * step, columns, result + offset + i * step);
        return;
    }
    const LeakyReluMask mask{epilogue.mask_slope};
    const T* const reference = epilogue.mask.data<T>();
    for (std::int64_t i = 0; i < rows; ++i) {
        const std::int64_t row = offset + i * step;
#pragma omp simd
        for (std::int64_t j = 0; j < columns; ++j) result[row + j] = mask(reference[row + j], result[row + j]);
    }
}

/// How a product's result is cut into tiles: enough of them for any number of threads, each small enough that the tile
/// of the result and its operands stay in a core's second-level cache. Depends on the shapes alone.
struct TileShape {
    std::int64_t rows = 1, columns = 1;
};

inline TileShape tile_shape(std::int64_t total_rows, std::int64_t columns, std::int64_t inner) {
    constexpr std::int64_t cache_elements = 1 << 17, wanted_tiles = 32, smallest_rows = 48, narrow = 256;
    const std::int64_t fitting = cache_elements / (columns + inner) / 16 * 16;
    const std::int64_t shared = (total_rows / wanted_tiles + 15) / 16 * 16;
    const std::int64_t rows = std::max(smallest_rows, std::min(fitting, std::max<std::int64_t>(shared, smallest_rows)));
    // Few rows: let the columns make up the tiles.
    return {rows, total_rows < 4 * smallest_rows ? std::min(columns, narrow) : columns};
}

}  // namespace tensor::cpu
