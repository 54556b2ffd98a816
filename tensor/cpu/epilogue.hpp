// What follows a product while its tile is still in the cache.
#pragma once

#include <cstdint>

#include "tensor/backend.hpp"

namespace tensor::cpu {

/// c[i, j] = leaky_relu(c[i, j] + bias[j]) on a tile whose first column is `first_column` of the bias.
template <typename T>
void apply_epilogue(const Epilogue& epilogue, std::int64_t rows, std::int64_t columns, std::int64_t first_column, T* c,
                    std::int64_t c_step) {
    const bool biased = epilogue.bias.defined();
    if (!biased && epilogue.slope == 1.0) return;
    const T* const bias = biased ? epilogue.bias.data<T>() + first_column : nullptr;
    const LeakyRelu activation{epilogue.slope};
    for (std::int64_t i = 0; i < rows; ++i) {
        T* const row = c + i * c_step;
        if (biased) {
#pragma omp simd
            for (std::int64_t j = 0; j < columns; ++j) row[j] = activation(row[j] + bias[j]);
        } else {
#pragma omp simd
            for (std::int64_t j = 0; j < columns; ++j) row[j] = activation(row[j]);
        }
    }
}

/// How a product's result is cut into tiles: enough of them for any number of threads, each small enough that the
/// tile of the result and its operands stay in a core's second-level cache. Depends on the shapes alone.
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
