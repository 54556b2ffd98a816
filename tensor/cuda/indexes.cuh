// How a launch's items are numbered, and what they are: 32 bits are enough below 2^31 items, and each division of an
// index is a multiplication (divisor.hpp). With more items the same kernels run with indexes of 64 bits, one element
// each.
#pragma once

#include <cstdint>
#include <type_traits>

#include "tensor/cuda/divisor.hpp"
#include "tensor/cuda/kernels.hpp"
#include "tensor/cuda/launch.cuh"
#include "tensor/cuda/vector.cuh"

namespace tensor::cuda {

/// Calls function(width, Index{}): the number of elements in an item, a compile-time constant, and a zero of the type
/// that counts items. Sixteen bytes of T and 32 bits where `vectors`; one element where not; one element and 64 bits
/// where 32 are too few, or `indexes` says so.
template <typename T, typename Function>
void for_width_and_index(bool vectors, std::int64_t elements, Indexes indexes, Function&& function) {
    using One = std::integral_constant<int, 1>;
    constexpr std::int64_t most_items = 0x7FFFFFFF;
    const std::int64_t items = vectors ? elements / vector_width<T> : elements;
    if (indexes == Indexes::wide || items > most_items) function(One{}, std::uint64_t{});
    else if (vectors) function(std::integral_constant<int, vector_width<T>>{}, std::uint32_t{});
    else function(One{}, std::uint32_t{});
}

/// StridedAxes for a kernel: items of `width` elements along the last axis.
template <typename Index>
struct IndexedAxes {
    int rank = 0;
    DivisorOf<Index> extents[max_rank]{};
    std::int64_t a_stride[max_rank]{}, b_stride[max_rank]{};

    static IndexedAxes of(const StridedAxes& axes, int width) {
        IndexedAxes result{.rank = axes.rank};
        for (int i = 0; i < axes.rank; ++i) {
            const int step = i == axes.rank - 1 ? width : 1;
            result.extents[i] = DivisorOf<Index>::of(static_cast<Index>(axes.extents[i] / step));
            result.a_stride[i] = axes.a_stride[i] * step;
            result.b_stride[i] = axes.b_stride[i] * step;
        }
        return result;
    }

    /// In elements, of an item's first one.
    struct Offsets {
        std::int64_t a = 0, b = 0;
    };
    __device__ Offsets offsets(Index item) const {
        Offsets result;
#pragma unroll
        for (int i = max_rank - 1; i > 0; --i) {
            if (i >= rank) continue;
            Index index = item;
            item = extents[i].split(index);
            result.a += static_cast<std::int64_t>(index) * a_stride[i];
            result.b += static_cast<std::int64_t>(index) * b_stride[i];
        }
        result.a += static_cast<std::int64_t>(item) * a_stride[0];
        result.b += static_cast<std::int64_t>(item) * b_stride[0];
        return result;
    }
};

}  // namespace tensor::cuda
