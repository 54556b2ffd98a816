#include "musegan/training/batch_order.hpp"

#include <numeric>
#include <utility>

#include "musegan/networks/streams.hpp"
#include "tensor/error.hpp"

namespace musegan {

BatchOrder::BatchOrder(std::int64_t phrases, std::uint64_t seed) : seed_(seed) {
    if (phrases < 1) tensor::fail("batch", "no phrases, expected at least one");
    order_.resize(static_cast<std::size_t>(phrases));
}

std::vector<std::int64_t> BatchOrder::next(std::int64_t count) {
    const auto phrases = static_cast<std::int64_t>(order_.size());
    std::vector<std::int64_t> batch;
    for (std::int64_t i = 0; i < count; ++i, ++position_) {
        if (position_ / phrases != epoch_) shuffle(position_ / phrases);
        batch.push_back(order_[static_cast<std::size_t>(position_ % phrases)]);
    }
    return batch;
}

void BatchOrder::set_position(std::int64_t position) {
    if (position < 0) tensor::fail("batch", "position {} is negative", position);
    position_ = position;
}

void BatchOrder::shuffle(std::int64_t epoch) {
    // Fisher and Yates, from the identity each time, so that an epoch's order does not depend on the ones before.
    std::iota(order_.begin(), order_.end(), std::int64_t{0});
    tensor::RandomStream random = stream_for(seed_, Stream::batches, static_cast<std::uint64_t>(epoch));
    for (std::size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[random.below(i)]);
    epoch_ = epoch;
}

}  // namespace musegan
