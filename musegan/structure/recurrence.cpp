#include "musegan/structure/recurrence.hpp"

#include <algorithm>
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
            guess_ = guess_ > most_ / 2 ? most_ : 2 * guess_ + 1;
            found = take_up_to(row, moment, guess_);
        }
        for (std::size_t k = 0; k < found; ++k) values_[k] = row[static_cast<std::size_t>(near_[k])];
        const auto last = values_.begin() + static_cast<std::ptrdiff_t>(count_ - 1);
        std::nth_element(values_.begin(), last, values_.begin() + static_cast<std::ptrdiff_t>(found));
        const std::int32_t farthest = *last;
        // Of those as far as the last one, as many as there is room for.
        std::int64_t room = count_ - std::count_if(values_.begin(), last, [&](auto v) { return v < farthest; });
        for (std::size_t k = 0; k < found; ++k) {
            const std::int32_t distance = row[static_cast<std::size_t>(near_[k])];
            if (distance < farthest || (distance == farthest && room-- > 0)) *out++ = near_[k];
        }
        guess_ = farthest > most_ / 2 ? most_ : farthest + farthest / 4;
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
