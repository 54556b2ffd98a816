// What is launched, and how often the host issues it, when work is timed on a device: no time itself is asserted.
#include "bench/device_clock.hpp"

#include <doctest/doctest.h>

#include "tensor/packed_bits.hpp"
#include "tests/support/devices.hpp"

#if defined(TENSOR_CUDA_STANDIN)
#include "tests/standin/control.hpp"
#endif

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

#if defined(TENSOR_CUDA_STANDIN)

TEST_CASE("work that is captured behind a kernel begins its graph with an ordinary launch") {
    const int usual = standin::device().major;
    standin::device().count = 8;
    standin::device().major = 9;
    const auto& backend = dynamic_cast<const tensor::cuda::CudaBackend&>(tensor::backend(Device::cuda(6)));
    REQUIRE(backend.context().can_start_early);
    Tensor x = Tensor::full({4}, 1.0, DType::f32, Device::cuda(6));
    const Tensor bits = tensor::positive_bits(x);  // a kernel of ours, and so is what is captured
    const bench::CapturedWork captured(backend, [&] { tensor::positive_bits(x); });
    CHECK(captured.is_graph());
    captured.launch();
    tensor::positive_bits(x);  // behind a graph
    CHECK(support::cuda_faults() == "");
    standin::device().major = usual;
    standin::device().count = 1;
}

#endif
