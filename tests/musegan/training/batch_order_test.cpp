#include "musegan/training/batch_order.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tensor/error.hpp"

using namespace musegan;

TEST_CASE("an epoch visits every phrase once, in an order of its own") {
    BatchOrder order(7, 1);
    std::vector<std::int64_t> first = order.next(7), second = order.next(7);
    CHECK(first != second);
    std::sort(first.begin(), first.end());
    std::sort(second.begin(), second.end());
    CHECK(first == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6});
    CHECK(second == first);
    // Set to a position, it goes on as if it had come there by itself; a batch may span epochs.
    BatchOrder whole(7, 2), part(7, 2);
    whole.next(5);
    part.set_position(5);
    CHECK(whole.next(10) == part.next(10));
    CHECK_THROWS_AS(BatchOrder(0, 1), tensor::Error);
}
