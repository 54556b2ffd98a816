// Operators that move elements, one index at a time. The transpose of pad is slice, that of concat is one slice per
// part, and that of permute is permute with the inverse axes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/backend.hpp"
#include "tensor/reference/index.hpp"

namespace tensor::reference {

/// y[i_axes[0], i_axes[1], ...] = x[i_0, i_1, ...].
template <typename T>
std::vector<T> permute(std::span<const T> x, const Shape& x_shape, const std::vector<int>& axes) {
    Index extents;
    for (int axis : axes) extents.push_back(x_shape[axis]);
    const Shape y_shape{std::span<const std::int64_t>(extents)};
    const Strides in_x = strides_along(x_shape, x_shape);
    Strides along_y{};
    for (std::size_t k = 0; k < axes.size(); ++k) along_y[k] = in_x[static_cast<std::size_t>(axes[k])];
    std::vector<T> y(x.size());
    Walk source(y_shape, along_y);
    for (T& value : y) {
        value = x[static_cast<std::size_t>(source.offset())];
        source.next();
    }
    return y;
}

/// y[target_begin + i] = x[source_begin + i] for every index i of `extents`; the rest of y stays.
template <typename T>
void copy_box(std::span<const T> x, const Shape& x_shape, const BoxCopy& box, std::span<T> y, const Shape& y_shape) {
    const auto begin = [](const Shape& index, const Shape& shape) {
        return ravel(std::span(index.begin(), index.end()), shape);
    };
    const std::int64_t from = begin(box.source_begin, x_shape), to = begin(box.target_begin, y_shape);
    Walk source(box.extents, strides_along(x_shape, x_shape)), target(box.extents, strides_along(y_shape, y_shape));
    for (std::int64_t i = 0; i < box.extents.elements(); ++i, source.next(), target.next())
        y[static_cast<std::size_t>(to + target.offset())] = x[static_cast<std::size_t>(from + source.offset())];
}

/// Elements [begin, end) along `axis`, counted from 0.
template <typename T>
std::vector<T> slice(std::span<const T> x, const Shape& x_shape, int axis, std::int64_t begin, std::int64_t end) {
    std::vector<T> y;
    for (std::int64_t i = 0; i < x_shape.elements(); ++i) {
        const std::int64_t position = unravel(i, x_shape)[static_cast<std::size_t>(axis)];
        if (position >= begin && position < end) y.push_back(x[static_cast<std::size_t>(i)]);
    }
    return y;
}

/// Zeros before and after along `axis`, counted from 0.
template <typename T>
std::vector<T> pad(std::span<const T> x, const Shape& x_shape, int axis, std::int64_t before, std::int64_t after) {
    const Shape y_shape = x_shape.with(axis, before + x_shape[axis] + after);
    std::vector<T> y;
    for (std::int64_t i = 0; i < y_shape.elements(); ++i) {
        Index index = unravel(i, y_shape);
        std::int64_t& position = index[static_cast<std::size_t>(axis)];
        position -= before;
        const bool inside = position >= 0 && position < x_shape[axis];
        y.push_back(inside ? x[static_cast<std::size_t>(ravel(index, x_shape))] : T{});
    }
    return y;
}

/// One part of a concatenation.
template <typename T>
struct Part {
    std::span<const T> values;
    Shape shape;
};

/// Joins along `axis`, counted from 0; the other extents are those of the first part.
template <typename T>
std::vector<T> concat(const std::vector<Part<T>>& parts, int axis) {
    std::int64_t extent = 0;
    for (const Part<T>& part : parts) extent += part.shape[axis];
    const Shape y_shape = parts.front().shape.with(axis, extent);
    std::vector<T> y;
    for (std::int64_t i = 0; i < y_shape.elements(); ++i) {
        Index index = unravel(i, y_shape);
        std::int64_t& position = index[static_cast<std::size_t>(axis)];
        std::size_t owner = 0;
        for (; position >= parts[owner].shape[axis]; ++owner) position -= parts[owner].shape[axis];
        y.push_back(parts[owner].values[static_cast<std::size_t>(ravel(index, parts[owner].shape))]);
    }
    return y;
}

}  // namespace tensor::reference
