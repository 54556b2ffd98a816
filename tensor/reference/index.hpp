// Where an element lies: the arithmetic that every reference operator needs, written for reading.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "tensor/error.hpp"
#include "tensor/shape.hpp"

namespace tensor::reference {

/// One index per axis, outermost first.
using Index = std::vector<std::int64_t>;

/// The index of the element at `offset` of a row-major tensor.
inline Index unravel(std::int64_t offset, const Shape& shape) {
    Index index(static_cast<std::size_t>(shape.rank()));
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
        index[static_cast<std::size_t>(axis)] = offset % shape[axis];
        offset /= shape[axis];
    }
    return index;
}

/// The offset of element `index` of a row-major tensor that broadcasts to the index's rank: axes align at the last one,
/// and an axis of extent 1 is always read at 0.
inline std::int64_t ravel(std::span<const std::int64_t> index, const Shape& shape) {
    const int missing = static_cast<int>(index.size()) - shape.rank();
    std::int64_t offset = 0;
    for (int axis = 0; axis < shape.rank(); ++axis) {
        const std::int64_t i = index[static_cast<std::size_t>(axis + missing)];
        offset = offset * shape[axis] + (shape[axis] == 1 ? 0 : i);
    }
    return offset;
}

/// Elements from one index to the next, for each axis.
using Strides = std::array<std::int64_t, Shape::max_rank>;

/// Strides of a row-major tensor along the axes of `extents`, to which it broadcasts: 0 where it is repeated.
inline Strides strides_along(const Shape& extents, const Shape& tensor) {
    Strides strides{};
    std::int64_t step = 1;
    for (int axis = -1; axis >= -tensor.rank(); --axis) {
        if (tensor[axis] != 1) strides[static_cast<std::size_t>(extents.normalize_axis(axis))] = step;
        step *= tensor[axis];
    }
    return strides;
}

/// Goes through all indices of a row-major shape, last axis first, and keeps where each lies in a tensor of these
/// strides: ravel(unravel(i, ...)) for i = first, first + 1, ..., at the cost of an addition each.
class Walk {
  public:
    Walk(const Shape& extents, const Strides& strides, std::int64_t first = 0) : extents_(extents), strides_(strides) {
        for (int axis = extents.rank() - 1; first > 0; --axis) {
            const auto a = static_cast<std::size_t>(axis);
            index_[a] = first % extents[axis];
            first /= extents[axis];
            offset_ += index_[a] * strides[a];
        }
    }

    std::int64_t offset() const { return offset_; }
    void next() {
        for (int axis = extents_.rank() - 1; axis >= 0; --axis) {
            const auto a = static_cast<std::size_t>(axis);
            offset_ += strides_[a];
            if (++index_[a] < extents_.begin()[a]) return;
            offset_ -= index_[a] * strides_[a];
            index_[a] = 0;
        }
    }

  private:
    Shape extents_;
    Strides strides_, index_{};
    std::int64_t offset_ = 0;
};

/// Throws Error unless `values` holds as many elements as `shape`.
template <typename T>
void require_elements(const char* where, std::span<const T> values, const Shape& shape) {
    if (static_cast<std::int64_t>(values.size()) != shape.elements())
        fail(where, "{} values for shape {}", values.size(), shape.to_string());
}

}  // namespace tensor::reference
