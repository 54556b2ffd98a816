// Two pieces of work side by side, where nothing runs at the same time. tests/cuda/side_by_side_test.cpp has the device
// that does.
#include "tensor/backend.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <vector>

#include "tensor/arena.hpp"
#include "tests/support/compare.hpp"

using tensor::Device;

TEST_CASE("side by side: on every device but a GPU the first piece, then the second") {
    for (const Device device : {Device::cpu(), Device::reference(), Device::dry()}) {
        CAPTURE(device.to_string());
        const tensor::Backend& backend = tensor::backend(device);
        CHECK(!backend.facts().runs_side_by_side);
        std::vector<int> order;
        backend.side_by_side(
            [&] {
                order.push_back(1);
                CHECK(!backend.arena().is_forked());  // memory of the first is the second's
            },
            [&] { order.push_back(2); });
        CHECK(order == std::vector<int>{1, 2});
        const auto fails = [] { throw std::runtime_error("the first"); };
        CHECK(support::message_of([&] { backend.side_by_side(fails, [&] { order.push_back(3); }); }) == "the first");
        CHECK(order.size() == 2);
    }
}
