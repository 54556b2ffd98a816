// Moves without arithmetic: y[b offset of i] = x[a offset of i] for every index i of some axes. One kernel copies for
// broadcast_to, permute and copy_box. It moves elements as plain bits, for each size of element, and 16 bytes at once
// where neighbours in x are neighbours in y.
#include "tensor/cuda/indexes.cuh"
#include "tensor/cuda/kernels.hpp"
#include "tensor/cuda/launch.cuh"
#include "tensor/cuda/vector.cuh"

namespace tensor::cuda {

namespace {

// --- kernels ---------------------------------------------------------------------------------------------

template <int width, typename Index, typename Bits>
__global__ void copy_kernel(const Bits* x, Bits* y, const __grid_constant__ IndexedAxes<Index> axes, Index items) {
    begin_kernel();
#pragma unroll 1
    for (Index item = first_item<Index>(); item < items; item += item_step<Index>()) {
        const auto [from, to] = axes.offsets(item);
        Vector<Bits, width>::load(x + from).store(y + to);
    }
}

std::int64_t elements_of(const StridedAxes& axes) {
    std::int64_t elements = 1;
    for (int i = 0; i < axes.rank; ++i) elements *= axes.extents[i];
    return elements;
}

template <typename Bits>
void copy_bits(const Context& context, const char* operation, const Bits* x, Bits* y, const StridedAxes& axes,
               Indexes indexes) {
    const int last = axes.rank - 1;
    bool vectors = axes.a_stride[last] == 1 && axes.b_stride[last] == 1 && is_aligned(x) && is_aligned(y) &&
                   axes.extents[last] % vector_width<Bits> == 0;
    for (int i = 0; i < last; ++i)
        vectors = vectors && axes.a_stride[i] % vector_width<Bits> == 0 && axes.b_stride[i] % vector_width<Bits> == 0;
    const std::int64_t elements = elements_of(axes);
    if (elements == 0) return;
    const Work work{.kernel = operation,
                    .bytes = 2 * static_cast<double>(elements) * static_cast<double>(sizeof(Bits))};
    for_width_and_index<Bits>(vectors, elements, indexes, [&](auto width, auto zero) {
        using Index = decltype(zero);
        const std::int64_t items = elements / width;
        launch(context, work, for_items(items), copy_kernel<width, Index, Bits>, x, y,
               IndexedAxes<Index>::of(axes, width), static_cast<Index>(items));
    });
}

/// Copies elements as whole numbers of their size.
void copy_elements(const Context& context, const char* operation, const void* x, std::int64_t x_begin, void* y,
                   std::int64_t y_begin, const StridedAxes& axes, std::size_t size, Indexes indexes) {
    const auto copy = [&]<typename Bits>(Bits) {
        copy_bits(context, operation, static_cast<const Bits*>(x) + x_begin, static_cast<Bits*>(y) + y_begin, axes,
                  indexes);
    };
    if (size == 8) copy(std::uint64_t{});
    else if (size == 4) copy(std::uint32_t{});
    else copy(std::uint8_t{});
}

}  // namespace

// --- launch functions ------------------------------------------------------------------------------------

void gather_strided(const Context& context, const void* x, void* y, const StridedAxes& axes, std::size_t size,
                    const char* operation, Indexes indexes) {
    StridedAxes both = axes;
    std::int64_t step = 1;
    for (int i = axes.rank - 1; i >= 0; --i) {
        both.b_stride[i] = step;
        step *= axes.extents[i];
    }
    copy_elements(context, operation, x, 0, y, 0, both, size, indexes);
}

void copy_box(const Context& context, const void* x, std::int64_t x_begin, void* y, std::int64_t y_begin,
              const StridedAxes& axes, std::size_t size, Indexes indexes) {
    copy_elements(context, "copy_box", x, x_begin, y, y_begin, axes, size, indexes);
}

}  // namespace tensor::cuda
