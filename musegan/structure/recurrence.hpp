// Which moments of a song are like each other: nearest neighbours, and those of them that agree.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "musegan/structure/distances.hpp"

namespace musegan {

/// Rows of bits.
class BitMatrix {
  public:
    BitMatrix(std::int64_t rows, std::int64_t columns)
        : rows_(rows), columns_(columns), words_((columns + 63) / 64), bits_(static_cast<std::size_t>(rows * words_)) {}

    std::int64_t rows() const { return rows_; }
    std::int64_t columns() const { return columns_; }
    bool at(std::int64_t row, std::int64_t column) const {
        return (bits_[static_cast<std::size_t>(row * words_ + column / 64)] >> (column % 64)) & 1;
    }
    void set(std::int64_t row, std::int64_t column) {
        bits_[static_cast<std::size_t>(row * words_ + column / 64)] |= std::uint64_t{1} << (column % 64);
    }
    /// Lowest bit first; bits past the last column are 0.
    std::span<const std::uint64_t> row(std::int64_t row) const {
        return std::span(bits_).subspan(static_cast<std::size_t>(row * words_), static_cast<std::size_t>(words_));
    }

  private:
    std::int64_t rows_;
    std::int64_t columns_;
    std::int64_t words_;
    std::vector<std::uint64_t> bits_;
};

/// The `count` nearest neighbours of each moment, in the order of their indices: those with the smallest distances,
/// and of those equally far the ones with the lowest indices. A moment is no neighbour of its own. Where there are
/// fewer others than `count`, all of them.
struct Neighbours {
    std::int64_t moments = 0;
    std::int64_t count = 0;
    std::vector<std::int32_t> indices;  ///< moments x count

    std::span<const std::int32_t> of(std::int64_t moment) const {
        return std::span(indices).subspan(static_cast<std::size_t>(moment * count), static_cast<std::size_t>(count));
    }
};
Neighbours nearest_neighbours(EmbeddedDistances distances, std::int64_t count);

/// The links as a lag matrix of n x n bits: row l has bit t where t and (t + l) mod n are neighbours of each other
/// (R(i, j) = 1 where j is a neighbour of i and i one of j; row l is R((t + l) mod n, t)). With `self`, every moment is
/// also linked to itself: row 0 is full.
BitMatrix lag_matrix(const Neighbours& neighbours, bool self);

}  // namespace musegan
