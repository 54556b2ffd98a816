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

/// Throws Error unless `values` holds as many elements as `shape`.
template <typename T>
void require_elements(const char* where, std::span<const T> values, const Shape& shape) {
    if (static_cast<std::int64_t>(values.size()) != shape.elements())
        fail(where, "{} values for shape {}", values.size(), shape.to_string());
}

}  // namespace tensor::reference
