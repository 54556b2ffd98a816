// Moves without arithmetic. They work on bytes, so one loop serves all number types of one size.
#include <array>
#include <cstring>

#include "tensor/cpu/backend.hpp"

namespace tensor::cpu {

namespace {

using Strides = std::array<std::int64_t, Shape::max_rank>;

Strides strides_of(const Shape& shape) {
    Strides strides{};
    std::int64_t step = 1;
    for (int i = shape.rank() - 1; i >= 0; --i) {
        strides[static_cast<std::size_t>(i)] = step;
        step *= shape[i];
    }
    return strides;
}

/// Calls row(index of the outer axes) for every row along the last axis of `extents`.
template <typename Row>
void for_each_row(const Shape& extents, const Row& row) {
    const int outer = std::max(0, extents.rank() - 1);
    std::int64_t rows = 1;
    for (int i = 0; i < outer; ++i) rows *= extents[i];
#pragma omp parallel for schedule(static) if (extents.elements() >= parallel_elements)
    for (std::int64_t r = 0; r < rows; ++r) {
        std::array<std::int64_t, Shape::max_rank> index{};
        std::int64_t rest = r;
        for (int i = outer - 1; i >= 0; --i) {
            index[static_cast<std::size_t>(i)] = rest % extents[i];
            rest /= extents[i];
        }
        row(index);
    }
}

template <typename Bits>
void permute_bits(const Tensor& x, std::span<const int> axes, Tensor& y) {
    const Strides from_strides = strides_of(x.shape()), to_strides = strides_of(y.shape());
    const int last = y.shape().rank() - 1;
    const auto* const from = static_cast<const Bits*>(x.raw());
    auto* const to = static_cast<Bits*>(y.raw());
    const std::int64_t elements = y.shape()[last];
    const std::int64_t step = from_strides[static_cast<std::size_t>(axes[static_cast<std::size_t>(last)])];
    for_each_row(y.shape(), [&](const auto& index) {
        std::int64_t source = 0, target = 0;
        for (int i = 0; i < last; ++i) {
            const auto k = static_cast<std::size_t>(i);
            source += index[k] * from_strides[static_cast<std::size_t>(axes[k])];
            target += index[k] * to_strides[k];
        }
        if (step == 1) std::memcpy(to + target, from + source, static_cast<std::size_t>(elements) * sizeof(Bits));
        else
            for (std::int64_t i = 0; i < elements; ++i) to[target + i] = from[source + i * step];
    });
}

}  // namespace

void CpuBackend::permute(const Tensor& x, std::span<const int> axes, Tensor& y) const {
    if (axes.empty()) return from_host(x.raw(), y);
    switch (size_of(x.dtype())) {
        case 8: return permute_bits<std::uint64_t>(x, axes, y);
        case 4: return permute_bits<std::uint32_t>(x, axes, y);
        default: return permute_bits<std::uint8_t>(x, axes, y);
    }
}

void CpuBackend::copy_box(const Tensor& x, const BoxCopy& box, Tensor& y) const {
    if (box.extents.elements() == 0) return;
    const std::size_t size = size_of(x.dtype());
    // Axes that both tensors hold whole are merged into the row, so that a slice of whole blocks is one memcpy each.
    int last = box.extents.rank() - 1;
    std::int64_t row = last >= 0 ? box.extents[last] : 1;
    while (last > 0 && x.shape()[last] == box.extents[last] && y.shape()[last] == box.extents[last])
        row *= box.extents[--last];
    const Strides from_strides = strides_of(x.shape()), to_strides = strides_of(y.shape());
    const auto* const from = static_cast<const std::byte*>(x.raw());
    auto* const to = static_cast<std::byte*>(y.raw());
    const Shape rows(std::span<const std::int64_t>(box.extents.begin(), static_cast<std::size_t>(last + 1)));
    for_each_row(rows, [&](const auto& index) {
        std::int64_t source = 0, target = 0;
        for (int i = 0; i < box.extents.rank(); ++i) {
            const auto k = static_cast<std::size_t>(i);
            const std::int64_t along = i < last ? index[k] : 0;
            source += (along + box.source_begin[i]) * from_strides[k];
            target += (along + box.target_begin[i]) * to_strides[k];
        }
        std::memcpy(to + static_cast<std::size_t>(target) * size, from + static_cast<std::size_t>(source) * size,
                    static_cast<std::size_t>(row) * size);
    });
}

}  // namespace tensor::cpu
