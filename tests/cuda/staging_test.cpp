// Copies from the host: when they return, the caller may do with its memory what it likes.
#include "tensor/cuda/staging.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "tensor/elementwise.hpp"
#include "tensor/tensor.hpp"
#include "tests/support/devices.hpp"

using tensor::Device;
using tensor::Tensor;
using tensor::cuda::Staging;

namespace {

/// The stand-in reads the host's memory as late as a device may that sees it.
class LateCopies {
  public:
#if defined(TENSOR_CUDA_STANDIN)
    LateCopies() { standin::device().late_pageable_copies = true; }
    ~LateCopies() {
        standin::device().late_pageable_copies = false;
        CHECK(support::cuda_faults() == "");
    }
#endif
};

std::vector<float> counted(std::size_t elements) {
    std::vector<float> values(elements);
    std::iota(values.begin(), values.end(), 0.0f);
    return values;
}

}  // namespace

TEST_CASE("what is copied to the device is what the caller had when it asked, whatever it does afterwards") {
    NEEDS_CUDA();
    [[maybe_unused]] const LateCopies late;
    constexpr std::size_t buffer = Staging::buffer_bytes / sizeof(float);
    // Less than a buffer, exactly one, and more than both, from wherever the one before ended.
    for (const std::size_t elements : {std::size_t{5}, buffer - 5, buffer, 3 * buffer + 7, std::size_t{1}}) {
        CAPTURE(elements);
        const std::vector<float> expected = counted(elements);
        std::vector<float> host = expected;
        const Tensor x = Tensor::from(host, {static_cast<std::int64_t>(elements)}, Device::cuda());
        std::ranges::fill(host, -1.0f);
        CHECK(x.values<float>() == expected);
    }
}

TEST_CASE("many small copies of which none is waited for keep their own values") {
    NEEDS_CUDA();
    [[maybe_unused]] const LateCopies late;
    constexpr int copies = 300;
    const std::int64_t elements = 5000;  // 6 MB in all: more than one buffer
    std::vector<Tensor> tensors;
    std::vector<float> host(static_cast<std::size_t>(elements));
    for (int i = 0; i < copies; ++i) {
        std::ranges::fill(host, static_cast<float>(i));
        tensors.push_back(Tensor::from(host, {elements}, Device::cuda()));
    }
    for (int i = 0; i < copies; ++i) {
        const std::vector<float> values = tensors[static_cast<std::size_t>(i)].values<float>();
        CHECK(std::ranges::count(values, static_cast<float>(i)) == elements);
    }
}

#if defined(TENSOR_CUDA_STANDIN)

TEST_CASE("a copy waits for the device only where both buffers are full, and no more than two are made") {
    tensor::backend(Device::cuda());
    const std::uint64_t pinned_before = standin::counters().live_host_allocations;
    const auto waits = [](std::size_t bytes) {
        const std::vector<std::uint8_t> host(bytes, 1);
        const std::uint64_t before = standin::counters().synchronisations();
        Tensor::from(host, {static_cast<std::int64_t>(bytes)}, Device::cuda());
        return standin::counters().synchronisations() - before;
    };
    waits(8 * Staging::buffer_bytes);  // from here on both have been used
    CHECK(waits(100) <= 1);
    std::uint64_t small = 0;
    for (int i = 0; i < 100; ++i) small += waits(1000);
    CHECK(small <= 1);  // where they happen to cross from one buffer to the other
    CHECK(waits(4 * Staging::buffer_bytes) == 4);
    CHECK(standin::counters().live_host_allocations <= pinned_before + 2);
    CHECK(support::cuda_faults() == "");
}

#endif
