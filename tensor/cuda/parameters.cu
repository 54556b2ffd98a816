// Work on all parameters of a network at once: formulas that change them in place (Adam's step, averages that follow,
// bounds) and the check for numbers that are not finite. Networks have many small arrays, so a launch takes a table of
// arrays by value (nothing to upload) and spreads its blocks over them.
#include <algorithm>
#include <cmath>
#include <utility>

#include "tensor/cuda/instructions.cuh"
#include "tensor/cuda/kernels.hpp"
#include "tensor/cuda/launch.cuh"
#include "tensor/cuda/vector.cuh"

namespace tensor::cuda {

namespace {

// --- a formula on all slots -------------------------------------------------------------------------------

/// What has to be known of a formula: its launches' name, how many of its first arguments it changes, FLOPs per
/// element.
template <typename Formula>
struct FormulaFacts;
template <>
struct FormulaFacts<AdamStep> {
    static constexpr const char* name = "adam";
    static constexpr int changed = 3;
    static constexpr double flops = 12;
};
template <>
struct FormulaFacts<FollowValue> {
    static constexpr const char* name = "follow";
    static constexpr int changed = 1;
    static constexpr double flops = 3;
};
template <>
struct FormulaFacts<Clamp> {
    static constexpr const char* name = "clamp";
    static constexpr int changed = 1;
    static constexpr double flops = 1;
};

constexpr int slots_per_launch = 80;
constexpr std::size_t parameter_bytes = 4096;  // that a launch takes on every device
constexpr int elements_per_block = 4 * block_threads;

template <typename T, int arrays>
struct SlotTable {
    Slot<T, arrays> slots[slots_per_launch];
    std::int32_t first_block[slots_per_launch];  ///< of the blocks that a slot's elements are spread over
    std::int32_t count = 0;
};

template <typename Formula, typename Element, int... array>
__device__ void apply_formula(const Formula& formula, std::integer_sequence<int, array...>, const Element& element) {
    formula(element(array)...);
}

/// A thread takes four elements: `width` neighbours, then those a block's width further on.
template <int width, typename T, int arrays, typename Formula>
__global__ void slots_kernel(const __grid_constant__ SlotTable<T, arrays> table, const Formula given) {
    begin_kernel();
    const Formula formula = given.resolved();
    constexpr auto all = std::make_integer_sequence<int, arrays>{};
    int index = 0;
    for (int end = table.count; end - index > 1;) {
        const int middle = (index + end) / 2;
        if (table.first_block[middle] <= static_cast<std::int32_t>(blockIdx.x)) index = middle;
        else end = middle;
    }
    const Slot<T, arrays>& slot = table.slots[index];
    const std::int64_t begin =
        (static_cast<std::int64_t>(blockIdx.x) - table.first_block[index]) * elements_per_block + threadIdx.x * width;
    for (int part = 0; part < 4; part += width) {
        const std::int64_t first = begin + part * block_threads;
        if (first + width <= slot.elements) {
            using Values = Vector<T, width>;
            Values values[arrays];
#pragma unroll
            for (int array = 0; array < arrays; ++array) values[array] = Values::load(slot.values[array] + first);
#pragma unroll
            for (int k = 0; k < width; ++k)
                apply_formula(formula, all, [&](int array) -> T& { return values[array].values[k]; });
#pragma unroll
            for (int array = 0; array < FormulaFacts<Formula>::changed; ++array)
                values[array].store(slot.values[array] + first);
        } else {
            for (std::int64_t i = first; i < slot.elements; ++i)
                apply_formula(formula, all, [&](int array) -> T& { return slot.values[array][i]; });
        }
    }
}

template <typename T, int arrays, typename Formula>
void launch_table(const Context& context, const SlotTable<T, arrays>& table, std::int64_t blocks,
                  const Formula& formula) {
    static_assert(sizeof(table) + sizeof(formula) <= parameter_bytes);
    using Facts = FormulaFacts<Formula>;
    bool vectors = true;
    double elements = 0;
    for (int i = 0; i < table.count; ++i) {
        const Slot<T, arrays>& slot = table.slots[i];
        for (const T* values : slot.values) vectors = vectors && is_aligned(values);
        elements += static_cast<double>(slot.elements);
    }
    const Work work{.kernel = Facts::name,
                    .flops = Facts::flops * elements,
                    .bytes = (arrays + Facts::changed) * elements * static_cast<double>(sizeof(T))};
    const LaunchShape shape{.grid = dim3(static_cast<unsigned>(blocks)), .block = dim3(block_threads)};
    for_width<T>(vectors, [&](auto width) {
        launch(context, work, shape, slots_kernel<width, T, arrays, Formula>, table, formula);
    });
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
    begin_kernel();
    const FiniteCheck& array = table.arrays[blockIdx.y];
    const bool found = array.bytes_per_element == 8
                           ? finds_not_finite(static_cast<const double*>(array.values), array.elements)
                           : finds_not_finite(static_cast<const float*>(array.values), array.elements);
    const int any = __syncthreads_or(found);
    if (threadIdx.x == 0) flags[static_cast<std::int64_t>(blockIdx.y) * gridDim.x + blockIdx.x] = any;
}

/// found[0] = least array with a flag, or count. One block.
__global__ void first_flag_kernel(const std::int32_t* flags, std::int32_t count, std::int32_t* found) {
    begin_kernel();
    std::int32_t* const least = dynamic_shared<std::int32_t>();
    const int thread = static_cast<int>(threadIdx.x);
    std::int32_t mine = count;
    for (std::int64_t i = thread; i < static_cast<std::int64_t>(count) * finite_flags; i += block_threads)
        if (flags[i] != 0) mine = std::min(mine, static_cast<std::int32_t>(i / finite_flags));
    least[thread] = mine;
    for (int step = block_threads / 2; step > 0; step /= 2) {
        __syncthreads();
        if (thread < step) least[thread] = std::min(least[thread], least[thread + step]);
    }
    if (thread == 0) found[0] = least[0];
}

}  // namespace

// --- launch functions ------------------------------------------------------------------------------------

template <typename T, int arrays, typename Formula>
void change_slots(const Context& context, const Slot<T, arrays>* slots, std::int64_t count, const Formula& formula) {
    constexpr std::int64_t most_blocks = 0x7FFFFFFF;
    SlotTable<T, arrays> table{};
    std::int64_t blocks = 0;
    const auto flush = [&] {
        launch_table(context, table, blocks, formula);
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
           first_flag_kernel, flags, static_cast<std::int32_t>(count), found);
}

// --- instances -------------------------------------------------------------------------------------------

template void change_slots(const Context&, const Slot<float, 4>*, std::int64_t, const AdamStep&);
template void change_slots(const Context&, const Slot<float, 2>*, std::int64_t, const FollowValue&);
template void change_slots(const Context&, const Slot<float, 1>*, std::int64_t, const Clamp&);
template void change_slots(const Context&, const Slot<double, 4>*, std::int64_t, const AdamStep&);
template void change_slots(const Context&, const Slot<double, 2>*, std::int64_t, const FollowValue&);
template void change_slots(const Context&, const Slot<double, 1>*, std::int64_t, const Clamp&);

}  // namespace tensor::cuda
