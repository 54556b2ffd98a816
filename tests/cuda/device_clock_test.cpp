// What is launched, and how often the host issues it, when work is timed on a device: no time itself is asserted.
#include "bench/device_clock.hpp"

#include <doctest/doctest.h>

#include "tests/support/devices.hpp"

using tensor::Device;
using tensor::DType;
using tensor::Tensor;

namespace {

/// Work of two launches that counts how often it has run on the device, and how often the host has issued it.
struct CountedWork {
    const tensor::Backend& backend = tensor::backend(Device::cuda());
    Tensor one = Tensor::full({1}, 1.0, DType::f32, Device::cuda()),
           two = Tensor::full({1}, 2.0, DType::f32, Device::cuda());
    Tensor sum = Tensor::full({1}, 0.0, DType::f32, Device::cuda());
    int issued = 0;

    void issue() {
        ++issued;
        backend.accumulate(one, sum);
        backend.accumulate(two, sum);
    }
    double ran() const {
        float value = 0;
        backend.to_host(sum, &value);
        return value / 3;
    }
};

constexpr double long_enough = 1e9;  // milliseconds: 200 runs are the most

}  // namespace

TEST_CASE("timed work is issued twice, as it is and into a graph, and then runs without the host") {
    NEEDS_CUDA();
    bench::DeviceClock clock(bench::cuda_device());
    CountedWork work;
    const bench::Samples times = clock.repeat([&] { work.issue(); }, long_enough);
    CHECK(times.count == 200);
    CHECK(work.issued == 2);
    CHECK(work.ran() == 1 + 1 + 200);
    CHECK(clock.refused() == 0);
    CHECK(clock.cold([&] { work.issue(); }) >= 0);
    CHECK(work.issued == 3);
    CHECK(work.ran() == 203);
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("work that waits cannot be captured, and is issued each time") {
    NEEDS_CUDA();
    bench::DeviceClock clock(bench::cuda_device());
    CountedWork work;
    const auto waiting = [&] {
        work.issue();
        work.backend.synchronize();
    };
    CHECK(clock.repeat(waiting, long_enough).count == 200);
    CHECK(clock.refused() == 1);
    CHECK(work.issued == 1 + 1 + 1 + 200);
    CHECK(work.ran() == 1 + 1 + 200);
    const bench::CapturedWork refused(bench::cuda_device(), waiting),
        captured(bench::cuda_device(), [&] { work.issue(); });
    CHECK_FALSE(refused.is_graph());
    CHECK(captured.is_graph());
    CHECK(support::cuda_faults() == "");
}
