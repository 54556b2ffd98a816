// One bit per element: phrases unpacked from the dataset, signs packed, a LeakyReLU's derivative applied from them.
#include <algorithm>

#include "tensor/cuda/kernels.hpp"
#include "tensor/cuda/launch.cuh"
#include "tensor/cuda/vector.cuh"

namespace tensor::cuda {

namespace {

// --- kernels ---------------------------------------------------------------------------------------------

/// The rows that a launch unpacks, by value: nothing to upload, and the caller's list may change at once; unless `held`
/// says where they are on the device.
struct RowTable {
    static constexpr int capacity = 256;
    std::int64_t rows[capacity];
    const std::int64_t* held = nullptr;

    __device__ std::int64_t row(unsigned i) const { return held ? held[i] : rows[i]; }
};

/// A thread takes `width` cells. They lie in one byte, as width divides 8.
template <int width, typename T>
__global__ void unpack_kernel(const std::uint8_t* packed, std::int64_t row_bytes,
                              const __grid_constant__ RowTable table, T* y, std::int64_t cells) {
    begin_kernel();
    const std::uint8_t* const row = packed + table.row(blockIdx.y) * row_bytes;
    T* const target = y + static_cast<std::int64_t>(blockIdx.y) * cells;
#pragma unroll 1
    for (std::int64_t item = first_item(); item < cells / width; item += item_step()) {
        const std::int64_t first = item * width;
        const unsigned bits = static_cast<unsigned>(row[first / 8]) >> (first % 8);
        Vector<T, width> result;
        for (int k = 0; k < width; ++k) result.values[k] = (bits >> k & 1u) != 0 ? T(1) : T(-1);
        result.store(target + first);
    }
}

/// A thread makes one byte. `whole` bytes have 8 elements, the rest fewer or none.
template <int width, typename T>
__global__ void positive_bits_kernel(const T* x, std::uint8_t* bits, std::int64_t elements, std::int64_t bytes) {
    begin_kernel();
    const std::int64_t whole = elements / 8;
#pragma unroll 1
    for (std::int64_t item = first_item(); item < bytes; item += item_step()) {
        const std::int64_t first = item * 8;
        unsigned byte = 0;
        if (item < whole) {
#pragma unroll
            for (int k = 0; k < 8; k += width) {
                const auto values = Vector<T, width>::load(x + first + k);
                for (int j = 0; j < width; ++j) byte |= static_cast<unsigned>(is_positive(values.values[j])) << (k + j);
            }
        } else {
            for (int k = 0; k < 8 && first + k < elements; ++k)
                byte |= static_cast<unsigned>(is_positive(x[first + k])) << k;
        }
        bits[item] = static_cast<std::uint8_t>(byte);
    }
}

template <int width, typename T>
__global__ void bit_mask_kernel(const KernelEpilogue<T> mask, const T* g, T* y, std::int64_t items) {
    begin_kernel();
#pragma unroll 1
    for (std::int64_t item = first_item(); item < items; item += item_step()) {
        const std::int64_t first = item * width;
        auto values = Vector<T, width>::load(g + first);
        const std::uint32_t bits = mask.mask_bits_from(first);
        for (int k = 0; k < width; ++k) values.values[k] = mask.apply(values.values[k], 0, (bits >> k & 1u) != 0);
        values.store(y + first);
    }
}

}  // namespace

// --- launch functions ------------------------------------------------------------------------------------

template <typename T>
void unpack_rows(const Context& context, const std::uint8_t* packed, std::int64_t row_bytes, const std::int64_t* rows,
                 const std::int64_t* held, std::int64_t row_count, T* y, std::int64_t cells) {
    const bool vectors = cells % vector_width<T> == 0 && is_aligned(y);
    for_width<T>(vectors, [&](auto width) {
        for (std::int64_t begin = 0; begin < row_count; begin += RowTable::capacity) {
            const std::int64_t count = std::min<std::int64_t>(RowTable::capacity, row_count - begin);
            RowTable table{};
            if (held) table.held = held + begin;
            else std::copy_n(rows + begin, count, table.rows);
            LaunchShape shape = for_items(cells / width);
            shape.grid.y = static_cast<unsigned>(count);
            const double bytes = static_cast<double>(count * cells) * (static_cast<double>(sizeof(T)) + 0.125);
            launch(context, {.kernel = "unpack_rows", .bytes = bytes}, shape, unpack_kernel<width, T>, packed,
                   row_bytes, table, y + begin * cells, cells);
        }
    });
}

template <typename T>
void positive_bits(const Context& context, const T* x, std::uint32_t* bits, std::int64_t elements) {
    const std::int64_t bytes = divide_up(elements, 32) * 4;
    const Work work{
        .kernel = "positive_bits",
        .bytes = static_cast<double>(elements) * static_cast<double>(sizeof(T)) + static_cast<double>(bytes)};
    for_width<T>(is_aligned(x), [&](auto width) {
        launch(context, work, for_items(bytes), positive_bits_kernel<width, T>, x,
               reinterpret_cast<std::uint8_t*>(bits), elements, bytes);
    });
}

template <typename T>
void leaky_relu_bit_mask(const Context& context, const std::uint32_t* bits, double slope, const T* g, T* y,
                         std::int64_t elements) {
    const KernelEpilogue<T> mask{.mask_slope = static_cast<T>(slope), .mask_bits = bits};
    const Work work{.kernel = "leaky_relu_mask",
                    .flops = static_cast<double>(elements),
                    .bytes = static_cast<double>(elements) * (2 * static_cast<double>(sizeof(T)) + 0.125)};
    for_width<T>(elements % vector_width<T> == 0 && is_aligned(g) && is_aligned(y), [&](auto width) {
        const std::int64_t items = elements / width;
        launch(context, work, for_items(items), bit_mask_kernel<width, T>, mask, g, y, items);
    });
}

// --- instances -------------------------------------------------------------------------------------------

template void unpack_rows(const Context&, const std::uint8_t*, std::int64_t, const std::int64_t*, const std::int64_t*,
                          std::int64_t, float*, std::int64_t);
template void unpack_rows(const Context&, const std::uint8_t*, std::int64_t, const std::int64_t*, const std::int64_t*,
                          std::int64_t, double*, std::int64_t);

template void positive_bits(const Context&, const float*, std::uint32_t*, std::int64_t);
template void positive_bits(const Context&, const double*, std::uint32_t*, std::int64_t);
template void leaky_relu_bit_mask(const Context&, const std::uint32_t*, double, const float*, float*, std::int64_t);
template void leaky_relu_bit_mask(const Context&, const std::uint32_t*, double, const double*, double*, std::int64_t);

}  // namespace tensor::cuda
