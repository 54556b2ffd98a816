#include "tensor/shape.hpp"

#include <algorithm>

#include "tensor/error.hpp"

namespace tensor {

Shape::Shape(std::initializer_list<std::int64_t> extents)
    : Shape(std::span<const std::int64_t>(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const std::int64_t> extents) {
    if (extents.size() > max_rank) fail("shape", "{} axes, expected at most {}", extents.size(), max_rank);
    constexpr std::int64_t limit = std::int64_t{1} << 59;
    for (std::int64_t extent : extents) {
        if (extent < 0) fail("shape", "extent {} of axis {} is negative", extent, rank_);
        if (extent > 0 && elements_ > limit / extent) fail("shape", "more than 2^59 elements");
        extents_[static_cast<std::size_t>(rank_++)] = extent;
        elements_ *= extent;
    }
}

int Shape::normalize_axis(int axis) const {
    const int normalized = axis < 0 ? axis + rank_ : axis;
    if (normalized < 0 || normalized >= rank_)
        fail("shape", "axis {} of a shape of rank {}: {}", axis, rank_, to_string());
    return normalized;
}

Shape Shape::with(int axis, std::int64_t extent) const {
    std::array<std::int64_t, max_rank> extents = extents_;
    extents[static_cast<std::size_t>(normalize_axis(axis))] = extent;
    return Shape(std::span<const std::int64_t>(extents.data(), static_cast<std::size_t>(rank_)));
}

bool Shape::operator==(const Shape& other) const {
    return rank_ == other.rank_ && std::equal(begin(), end(), other.begin());
}

std::string Shape::to_string() const { return fmt::format("[{}]", fmt::join(begin(), end(), ", ")); }

Shape broadcast_shape(const Shape& a, const Shape& b, const char* where) {
    const int rank = std::max(a.rank(), b.rank());
    std::array<std::int64_t, Shape::max_rank> extents{};
    for (int i = 1; i <= rank; ++i) {
        const std::int64_t of_a = i <= a.rank() ? a[-i] : 1;
        const std::int64_t of_b = i <= b.rank() ? b[-i] : 1;
        if (of_a != of_b && of_a != 1 && of_b != 1)
            fail(where, "shapes {} and {} do not broadcast: extents must be equal or 1, aligned at the last axis",
                 a.to_string(), b.to_string());
        extents[static_cast<std::size_t>(rank - i)] = of_a == 1 ? of_b : of_a;
    }
    return Shape(std::span<const std::int64_t>(extents.data(), static_cast<std::size_t>(rank)));
}

}  // namespace tensor
