// Work on all parameters of a network at once: Adam's step and the check for numbers that are not finite. Networks have
// many small arrays, so a launch takes a table of arrays by value (nothing to upload) and spreads its blocks over them.
#include <algorithm>
#include <cmath>

#include "tensor/cuda/instructions.cuh"
#include "tensor/cuda/kernels.hpp"
#include "tensor/cuda/launch.cuh"
#include "tensor/cuda/vector.cuh"

namespace tensor::cuda {

namespace {

// --- Adam ------------------------------------------------------------------------------------------------

constexpr int slots_per_launch = 80;  // a launch takes 4096 bytes of parameters on every device
constexpr int elements_per_block = 4 * block_threads;

template <typename T>
struct AdamTable {
    AdamPointers<T> slots[slots_per_launch];
    std::int32_t first_block[slots_per_launch];  ///< of the blocks that a slot's elements are spread over
    std::int32_t count = 0;
};

/// A thread takes four elements: `width` neighbours, then those a block's width further on.
template <int width, typename T>
__global__ void adam_kernel(const __grid_constant__ AdamTable<T> table, const AdamStep step) {
    int index = 0;
    for (int end = table.count; end - index > 1;) {
        const int middle = (index + end) / 2;
        if (table.first_block[middle] <= static_cast<std::int32_t>(blockIdx.x)) index = middle;
        else end = middle;
    }
    const AdamPointers<T>& slot = table.slots[index];
    const std::int64_t begin =
        (static_cast<std::int64_t>(blockIdx.x) - table.first_block[index]) * elements_per_block + threadIdx.x * width;
    for (int part = 0; part < 4; part += width) {
        const std::int64_t first = begin + part * block_threads;
        if (first + width <= slot.elements) {
            using Values = Vector<T, width>;
            Values weight = Values::load(slot.weight + first), m = Values::load(slot.first + first);
            Values v = Values::load(slot.second + first);
            const Values gradient = Values::load(slot.gradient + first);
            for (int k = 0; k < width; ++k) step(weight.values[k], m.values[k], v.values[k], gradient.values[k]);
            weight.store(slot.weight + first);
            m.store(slot.first + first);
            v.store(slot.second + first);
        } else {
            for (std::int64_t i = first; i < slot.elements; ++i)
                step(slot.weight[i], slot.first[i], slot.second[i], slot.gradient[i]);
        }
    }
}

template <typename T>
void adam_table(const Context& context, const AdamTable<T>& table, std::int64_t blocks, const AdamStep& step) {
    bool vectors = true;
    double elements = 0;
    for (int i = 0; i < table.count; ++i) {
        const AdamPointers<T>& slot = table.slots[i];
        vectors = vectors && is_aligned(slot.weight) && is_aligned(slot.first) && is_aligned(slot.second) &&
                  is_aligned(slot.gradient);
        elements += static_cast<double>(slot.elements);
    }
    const Work work{.kernel = "adam", .flops = 12 * elements, .bytes = 7 * elements * static_cast<double>(sizeof(T))};
    const LaunchShape shape{.grid = dim3(static_cast<unsigned>(blocks)), .block = dim3(block_threads)};
    for_width<T>(vectors, [&](auto width) { launch(context, work, shape, adam_kernel<width, T>, table, step); });
}

// --- numbers that are not finite -------------------------------------------------------------------------

constexpr int checks_per_launch = 128;

struct FiniteTable {
    FiniteCheck arrays[checks_per_launch];
};

template <typename T>
__device__ bool finds_not_finite(const T* values, std::int64_t elements) {
    bool found = false;
    for (std::int64_t i = first_item(); i < elements; i += item_step()) found |= !std::isfinite(values[i]);
    return found;
}

/// flags[array, block] = 1 if the block met such a number in its share of the array, 0 if not.
__global__ void finite_kernel(const __grid_constant__ FiniteTable table, std::int32_t* flags) {
    const FiniteCheck& array = table.arrays[blockIdx.y];
    const bool found = array.bytes_per_element == 8
                           ? finds_not_finite(static_cast<const double*>(array.values), array.elements)
                           : finds_not_finite(static_cast<const float*>(array.values), array.elements);
    const int any = __syncthreads_or(found);
    if (threadIdx.x == 0) flags[static_cast<std::int64_t>(blockIdx.y) * gridDim.x + blockIdx.x] = any;
}

/// found[0] = least array with a flag, or count. One block.
__global__ void first_flag_kernel(const std::int32_t* flags, std::int32_t count, std::int32_t flags_per_array,
                                  std::int32_t* found) {
    std::int32_t* const least = dynamic_shared<std::int32_t>();
    const int thread = static_cast<int>(threadIdx.x);
    std::int32_t mine = count;
    for (std::int64_t i = thread; i < static_cast<std::int64_t>(count) * flags_per_array; i += block_threads)
        if (flags[i] != 0) mine = std::min(mine, static_cast<std::int32_t>(i / flags_per_array));
    least[thread] = mine;
    for (int step = block_threads / 2; step > 0; step /= 2) {
        __syncthreads();
        if (thread < step) least[thread] = std::min(least[thread], least[thread + step]);
    }
    if (thread == 0) found[0] = least[0];
}

}  // namespace

// --- launch functions ------------------------------------------------------------------------------------

template <typename T>
void adam(const Context& context, const AdamPointers<T>* slots, std::int64_t count, const AdamStep& step) {
    constexpr std::int64_t most_blocks = 0x7FFFFFFF;
    AdamTable<T> table{};
    std::int64_t blocks = 0;
    const auto flush = [&] {
        adam_table(context, table, blocks, step);
        table.count = 0;
        blocks = 0;
    };
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t more = divide_up(slots[i].elements, elements_per_block);
        if (more == 0) continue;
        if (table.count == slots_per_launch || blocks + more > most_blocks) flush();
        table.slots[table.count] = slots[i];
        table.first_block[table.count] = static_cast<std::int32_t>(blocks);
        ++table.count;
        blocks += more;
    }
    flush();
}

void first_not_finite(const Context& context, const FiniteCheck* arrays, std::int64_t count, std::int32_t* flags,
                      std::int32_t* found) {
    for (std::int64_t begin = 0; begin < count; begin += checks_per_launch) {
        const std::int64_t part = std::min<std::int64_t>(checks_per_launch, count - begin);
        FiniteTable table{};
        std::copy_n(arrays + begin, part, table.arrays);
        double bytes = 0;
        for (std::int64_t i = 0; i < part; ++i)
            bytes += static_cast<double>(table.arrays[i].elements) * table.arrays[i].bytes_per_element;
        const LaunchShape shape{.grid = dim3(finite_flags, static_cast<unsigned>(part)), .block = dim3(block_threads)};
        launch(context, {.kernel = "first_not_finite", .bytes = bytes}, shape, finite_kernel, table,
               flags + begin * finite_flags);
    }
    const LaunchShape shape{.block = dim3(block_threads), .shared_bytes = block_threads * sizeof(std::int32_t)};
    launch(context, {.kernel = "first_not_finite", .bytes = 4.0 * static_cast<double>(count * finite_flags)}, shape,
           first_flag_kernel, flags, static_cast<std::int32_t>(count), finite_flags, found);
}

// --- instances -------------------------------------------------------------------------------------------

template void adam(const Context&, const AdamPointers<float>*, std::int64_t, const AdamStep&);
template void adam(const Context&, const AdamPointers<double>*, std::int64_t, const AdamStep&);

}  // namespace tensor::cuda
