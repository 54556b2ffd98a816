// Which phrases make up the next batch: every phrase once per epoch, in an order that is a function of the seed.
#pragma once

#include <cstdint>
#include <vector>

namespace musegan {

class BatchOrder {
  public:
    /// Throws Error for no phrases.
    BatchOrder(std::int64_t phrases, std::uint64_t seed);

    /// The next `count` phrase numbers; an epoch's rest is joined with the next epoch's start.
    std::vector<std::int64_t> next(std::int64_t count);

    /// Phrases drawn so far: all the state there is. Setting it continues from there.
    std::int64_t position() const { return position_; }
    void set_position(std::int64_t position);

  private:
    void shuffle(std::int64_t epoch);

    std::uint64_t seed_;
    std::int64_t position_ = 0;
    std::int64_t epoch_ = -1;
    std::vector<std::int64_t> order_;
};

}  // namespace musegan
