// The extents of a tensor: a small value of at most six 64-bit numbers.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace tensor {

/// Extents, outermost first. A contiguous row-major tensor of this shape keeps element (i_0, ..., i_r-1) at offset
/// ((i_0 * e_1 + i_1) * e_2 + ...) + i_r-1. Shape{} is a scalar: rank 0, one element. The letters of the house: N
/// phrases, T time, P pitch, M tracks, C channels.
class Shape {
  public:
    static constexpr int max_rank = 6;

    Shape() = default;
    /// Throws Error for more than six extents, a negative one, or more than 2^59 elements (so that a count of bytes
    /// fits as well).
    Shape(std::initializer_list<std::int64_t> extents);
    explicit Shape(std::span<const std::int64_t> extents);

    int rank() const { return rank_; }
    /// Extent of `axis`; negative axes count from the end. Throws Error outside the rank.
    std::int64_t operator[](int axis) const { return extents_[static_cast<std::size_t>(normalize_axis(axis))]; }
    /// Product of all extents; 1 for a scalar.
    std::int64_t elements() const { return elements_; }
    /// `axis` in [0, rank); throws Error outside [-rank, rank).
    int normalize_axis(int axis) const;
    /// The same shape with one extent changed.
    Shape with(int axis, std::int64_t extent) const;

    const std::int64_t* begin() const { return extents_.data(); }
    const std::int64_t* end() const { return extents_.data() + rank_; }
    bool operator==(const Shape& other) const;
    /// "[2, 384, 84, 5, 1]".
    std::string to_string() const;

  private:
    std::array<std::int64_t, max_rank> extents_{};
    int rank_ = 0;
    std::int64_t elements_ = 1;
};

/// Shape of an elementwise result: extents are equal or 1, aligned at the last axis. Throws Error naming `where`.
Shape broadcast_shape(const Shape& a, const Shape& b, const char* where);

}  // namespace tensor
