// Launches that may begin before their predecessor has ended, from compute capability 9.0 on: which do, that every
// kernel waits first (the stand-in has a fault otherwise), and that nothing else changes.
#include "tests/support/devices.hpp"

#include <doctest/doctest.h>

#if defined(TENSOR_CUDA_STANDIN)

#include <cstdint>
#include <functional>
#include <vector>

#include "tensor/elementwise.hpp"
#include "tensor/matmul.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/recorder.hpp"
#include "tests/cuda/repeated.hpp"
#include "tests/cuda/updates.hpp"
#include "tests/support/compare.hpp"

using support::numbers_after;
using tensor::Device;
using tensor::DType;
using tensor::Tensor;

namespace {

/// The stand-in as a device of compute capability 9.0: number 6, whose blocks have no guards, so that updates are
/// graphs there.
class EarlyDevice {
  public:
    EarlyDevice() {
        standin::device().count = 8;
        set_capability(9, 0);
        tensor::backend(device());
    }
    ~EarlyDevice() {
        CHECK(support::cuda_faults() == "");
        standin::device().count = 1;
        standin::device().graph_order = standin::GraphOrder::as_issued;
        set_capability(8, 6);
    }
    EarlyDevice(const EarlyDevice&) = delete;
    EarlyDevice& operator=(const EarlyDevice&) = delete;

    static Device device() { return Device::cuda(6); }
    static const tensor::Backend& backend() { return tensor::backend(device()); }

  private:
    static void set_capability(int major, int minor) {
        standin::device().major = major;
        standin::device().minor = minor;
    }
};

/// Launches of `work` that may begin early; that it launches `kernels` of ours in all is checked.
std::uint64_t early_launches(std::uint64_t kernels, const std::function<void()>& work) {
    const standin::Counters before = standin::counters();
    work();
    const standin::Counters after = standin::counters();
    CHECK(after.launches - before.launches == kernels);
    return after.early_launches - before.early_launches;
}

}  // namespace

TEST_CASE("a kernel directly behind one of ours may begin early, and none behind anything else") {
    NEEDS_CUDA();
    const EarlyDevice early;
    const Tensor x = Tensor::from(std::vector<float>{1, 2, 3, 4}, {2, 2}, early.device());
    const auto kernel = [&] { tensor::permute(x, {1, 0}); };
    kernel();
    CHECK(early_launches(3, [&] { kernel(), kernel(), kernel(); }) == 3);
    const std::vector<std::function<void()>> others{
        [&] { Tensor::from(std::vector<float>{1}, {1}, early.device()); },  // a copy from the host
        [&] { x.values<float>(); },                                         // one to the host
        [&] { Tensor::zeros({3}, DType::f32, early.device()); },            // a fill
        [&] { tensor::square(x); },                                         // Thrust
        [&] { tensor::matmul_nn(x, x); },                                   // cuBLAS
        [&] { early.backend().make_mark()->record(); }};                    // an event
    for (const auto& other : others) CHECK(early_launches(2, [&] { other(), kernel(), kernel(); }) == 1);
    const auto observed = [&] {
        tensor::Recorder recorder(early.device());
        const tensor::ObserverScope scope(&recorder);
        kernel(), kernel();
    };
    CHECK(early_launches(2, observed) == 0);
    CHECK(early_launches(1, kernel) == 0);
    CHECK(early_launches(1, kernel) == 1);
}

TEST_CASE("in a graph no first launch may begin early: of the capture, of a branch, behind a join, behind the graph") {
    NEEDS_CUDA();
    const EarlyDevice early;
    const Tensor x = Tensor::from(std::vector<float>{1, 2, 3, 4}, {2, 2}, early.device());
    const auto two = [&] { tensor::permute(x, {1, 0}), tensor::permute(x, {1, 0}); };
    support::Repeated repeated(early.device(), "two kernels four times");
    const auto update = [&] {
        repeated([&] {
            two();
            early.backend().side_by_side(two, two);
            two();
        });
    };
    // By itself: one after the other, behind the copy of x.
    CHECK(early_launches(8, update) == 7);
    two();
    for (int i = 0; i < 3; ++i) {  // captured and run, and run again; the words of the update are none
        CHECK(early_launches(8, update) == 4);
        CHECK(early_launches(2, two) == 1);
    }
    CHECK(repeated.counts().replayed == 2);
}

TEST_CASE(
    "steps whose kernels may begin early leave the bits of steps whose kernels do not, as launches and as graphs") {
    NEEDS_CUDA();
    musegan::TrainingSettings settings = support::settings_on(Device::cuda(0), DType::f32);
    settings.critic_steps = 2;
    const std::uint64_t before = standin::counters().early_launches;
    const std::vector<double> expected = numbers_after(settings, 2);
    CHECK(standin::counters().early_launches == before);

    const EarlyDevice early;
    settings.device = early.device();
    for (const bool gathers : {false, true}) {
        settings.execution.gathers_launches = gathers;
        const standin::Counters begun = standin::counters();
        CHECK(support::same_bits(numbers_after(settings, 2), expected));
        const standin::Counters ended = standin::counters();
        CHECK((ended.graph_launches > begun.graph_launches) == gathers);
        CHECK(4 * (ended.early_launches - begun.early_launches) > ended.launches - begun.launches);
        CHECK(support::cuda_faults() == "");
    }
}

TEST_CASE("a step in tf32 with the first two layers as one, whose kernels may begin early, is without faults") {
    NEEDS_CUDA();
    if (support::race_checked) SKIP_TEST("minutes under the race check");
    const EarlyDevice early;
    musegan::TrainingSettings settings = support::settings_on(early.device(), DType::f32);
    settings.model.width = 1.0 / 8;
    settings.critic_steps = 1;
    settings.execution.precision = tensor::Precision::tf32;
    settings.execution.fusion = tensor::Fusion::always;
    CHECK(support::same_bits(numbers_after(settings, 1), numbers_after(settings, 1)));
}

#endif
