#include "musegan/structure/recurrence.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

namespace musegan {

namespace {

/// Picks the neighbours of one moment after the other. What is near is first guessed from the moment before, so that
/// few distances are left to be ordered; the result does not depend on the guess.
class Nearest {
  public:
    Nearest(std::int64_t moments, std::int64_t count)
        : count_(count), near_(static_cast<std::size_t>(moments + 1)), values_(static_cast<std::size_t>(moments)) {}

    /// Of `moment`, whose distances are `row`, into out[0 .. count).
    void pick(std::span<const std::int32_t> row, std::int64_t moment, std::int32_t* out) {
        std::size_t found = take_up_to(row, moment, guess_);
        while (found < static_cast<std::size_t>(count_)) {
            guess_ = guess_ > most_ / 2 ? most_ : guess_ + guess_ / 2 + 1;
            found = take_up_to(row, moment, guess_);
        }
        const auto [farthest, nearer] = last_of(row, found);
        // Of those as far as the last one, as many as there is room for.
        std::int64_t room = count_ - nearer;
        for (std::size_t k = 0; k < found; ++k) {
            const std::int32_t distance = row[static_cast<std::size_t>(near_[k])];
            if (distance < farthest || (distance == farthest && room-- > 0)) *out++ = near_[k];
        }
        guess_ = farthest > most_ / 2 ? most_ : farthest + farthest / 8;
    }

  private:
    static constexpr std::int32_t most_ = std::numeric_limits<std::int32_t>::max();

    /// The indices of distances up to `bound`, but for the moment itself; returns how many.
    std::size_t take_up_to(std::span<const std::int32_t> row, std::int64_t moment, std::int32_t bound) {
        std::size_t found = 0;
        const auto take = [&](std::size_t begin, std::size_t end) {
            for (std::size_t j = begin; j < end; ++j) {
                near_[found] = static_cast<std::int32_t>(j);
                found += row[j] <= bound;
            }
        };
        take(0, static_cast<std::size_t>(moment));
        take(static_cast<std::size_t>(moment) + 1, row.size());
        return found;
    }

    struct Last {
        std::int32_t distance;
        std::int64_t nearer;  ///< how many have a smaller one
    };
    /// The count-th smallest distance of the `found` ones. They are counted by their leading bits, so that only those
    /// with the same leading bits as the count-th have to be ordered.
    Last last_of(std::span<const std::int32_t> row, std::size_t found) {
        const int shift = std::max(0, static_cast<int>(std::bit_width(static_cast<std::uint32_t>(guess_))) - 8);
        std::array<std::int32_t, 256> counts{};
        for (std::size_t k = 0; k < found; ++k) ++counts[bucket_of(row, k, shift)];
        std::size_t bucket = 0;
        std::int64_t nearer = 0;
        while (nearer + counts[bucket] < count_) nearer += counts[bucket++];
        std::size_t size = 0;
        for (std::size_t k = 0; k < found; ++k) {
            if (bucket_of(row, k, shift) == bucket) values_[size++] = row[static_cast<std::size_t>(near_[k])];
        }
        const auto begin = values_.begin(), end = begin + static_cast<std::ptrdiff_t>(size);
        const auto last = begin + (count_ - nearer - 1);
        std::nth_element(begin, last, end);
        return {*last, nearer + std::count_if(begin, last, [&](std::int32_t value) { return value < *last; })};
    }
    std::size_t bucket_of(std::span<const std::int32_t> row, std::size_t k, int shift) const {
        return static_cast<std::size_t>(row[static_cast<std::size_t>(near_[k])] >> shift);
    }

    std::int64_t count_;
    std::int32_t guess_ = most_;
    std::vector<std::int32_t> near_, values_;
};

}  // namespace

Neighbours nearest_neighbours(EmbeddedDistances distances, std::int64_t count) {
    const std::int64_t moments = distances.rows();
    Neighbours neighbours{moments, std::clamp<std::int64_t>(count, 0, moments - 1), {}};
    if (neighbours.count == 0) return neighbours;
    neighbours.indices.resize(static_cast<std::size_t>(moments * neighbours.count));
    Nearest nearest(moments, neighbours.count);
    for (std::int64_t moment = 0; moment < moments; ++moment)
        nearest.pick(distances.next(), moment, neighbours.indices.data() + moment * neighbours.count);
    return neighbours;
}

BitMatrix lag_matrix(const Neighbours& neighbours, bool self) {
    const std::int64_t n = neighbours.moments;
    BitMatrix chosen(n, n), lags(n, n);
    for (std::int64_t i = 0; i < n; ++i) {
        for (const std::int32_t j : neighbours.of(i)) chosen.set(i, j);
        if (self) lags.set(0, i);
    }
    for (std::int64_t i = 0; i < n; ++i) {
        for (const std::int32_t j : neighbours.of(i)) {
            if (chosen.at(j, i)) lags.set(j >= i ? j - i : j - i + n, i);
        }
    }
    return lags;
}

}  // namespace musegan
