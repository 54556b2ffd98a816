// NVTX ranges, as a profiler's time line shows them: update, phase, layer and launch, one inside the other, each opened
// where something is launched in it and closed again.
#include "tests/support/devices.hpp"

#include <doctest/doctest.h>

#if defined(TENSOR_CUDA_STANDIN)

#include <algorithm>
#include <functional>

#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/observer.hpp"
#include "tensor/scope.hpp"
#include "tests/cuda/repeated.hpp"
#include "tests/cuda/updates.hpp"
#include "tests/support/compare.hpp"

using support::settings_on;
using tensor::Device;
using tensor::DType;
using tensor::LayerScope;
using tensor::PhaseScope;
using tensor::Tensor;

namespace {

/// The ranges that are opened while `work` runs as one update, each with those around it.
std::vector<std::string> ranges_of(const char* update, Device device, const std::function<void()>& work) {
    standin::record_ranges(true);
    standin::take_ranges();
    support::Repeated(device, update)(work);
    CHECK(standin::open_ranges() == 0);
    standin::record_ranges(false);
    return standin::take_ranges();
}

using Ranges = std::vector<std::string>;

}  // namespace

TEST_CASE("ranges nest, and a phase and a layer are opened once for the launches in them") {
    const Tensor x = Tensor::zeros({4}, DType::f32, Device::cuda());
    const auto work = [&] {
        {
            const PhaseScope phase("forward");
            tensor::square(x);
            const LayerScope layer("conv1");
            tensor::square(x);
            tensor::tanh(x);
        }
        const PhaseScope phase("backward");
        { const LayerScope nothing_happens("conv2"); }
        const LayerScope layer("conv1");
        tensor::square(x);
        const PhaseScope adam("");
        tensor::tanh(x);
    };
    CHECK(ranges_of("update", x.device(), work) ==
          Ranges{"update", "update > forward", "update > forward > square", "update > forward > conv1",
                 "update > forward > conv1 > square", "update > forward > conv1 > tanh", "update > backward",
                 "update > backward > conv1", "update > backward > conv1 > square", "update > conv1",
                 "update > conv1 > tanh"});
}

TEST_CASE("a phase that is the update has no range of its own") {
    const Tensor x = Tensor::zeros({4}, DType::f32, Device::cuda());
    const char* const name = "critic update";
    const PhaseScope phase(name);
    CHECK(ranges_of(name, x.device(), [&] {
              tensor::square(x);
              const PhaseScope forward("forward");
              tensor::square(x);
          }) == Ranges{name, "critic update > square", "critic update > forward", "critic update > forward > square"});
}

TEST_CASE("an update inside an update opens its own ranges and leaves the outer's open") {
    const Tensor x = Tensor::zeros({4}, DType::f32, Device::cuda());
    const PhaseScope phase("phase");
    CHECK(ranges_of("outer", x.device(),
                    [&] {
                        tensor::square(x);
                        support::Repeated(x.device(), "inner")([&] { tensor::square(x); });
                        tensor::tanh(x);
                    }) == Ranges{"outer", "outer > phase", "outer > phase > square", "outer > phase > inner",
                                 "outer > phase > inner > phase", "outer > phase > inner > phase > square",
                                 "outer > phase > tanh"});
}

TEST_CASE("an update that an error ends closes its ranges, with or without a graph") {
    standin::device().count = 8;  // device 7 has no guards, and runs updates as graphs
    for (const Device device : {Device::cuda(0), Device::cuda(7)}) {
        const Tensor x = Tensor::zeros({4}, DType::f32, device);
        const auto fails = [&] {
            const PhaseScope phase("phase");
            const LayerScope layer("layer");
            tensor::square(x);
            tensor::fail("update", "over");
        };
        support::Repeated update(device, "update");
        for (int time = 0; time < 3; ++time) {
            if (time == 1) update([&] { tensor::square(x); });
            CHECK(support::message_of([&] { update(fails); }) == "[update] over");
            CHECK(standin::open_ranges() == 0);
        }
    }
    CHECK(support::cuda_faults() == "");
    standin::device().count = 1;
}

TEST_CASE("an observer that throws leaves no range open") {
    class Refusing final : public tensor::Observer {
      public:
        explicit Refusing(bool at_begin) : at_begin_(at_begin) {}
        void begin(const tensor::Event& event) override { refuse(event, at_begin_); }
        void end(const tensor::Event& event) override { refuse(event, !at_begin_); }

      private:
        static void refuse(const tensor::Event& event, bool now) {
            if (now && event.is_launch()) tensor::fail("observer", "refused");
        }
        bool at_begin_;
    };
    const Tensor x = Tensor::zeros({4}, DType::f32, Device::cuda());
    for (const bool at_begin : {true, false}) {
        Refusing observer(at_begin);
        const tensor::ObserverScope scope(&observer);
        const LayerScope layer("conv1");
        CHECK(support::message_of([&] { tensor::square(x); }) == "[observer] refused");
        CHECK(standin::open_ranges() == 0);
        CHECK(support::message_of([&] { support::Repeated(x.device(), "update")([&] { tensor::square(x); }); }) ==
              "[observer] refused");
        CHECK(standin::open_ranges() == 0);
    }
}

TEST_CASE("a training step opens and closes the ranges of its updates") {
    standin::record_ranges(true);
    const musegan::TrainingSettings settings = settings_on(Device::cuda(), DType::f32);
    musegan::Training training(settings, support::small_phrases().to(settings.device));
    standin::take_ranges();
    training.step();
    CHECK(standin::open_ranges() == 0);
    standin::record_ranges(false);
    std::size_t updates = 0, deep = 0;
    for (const std::string& range : standin::take_ranges()) {
        const auto depth = std::count(range.begin(), range.end(), '>');
        updates += depth == 0 && range.find("update") != std::string::npos;
        deep += depth == 3;  // a launch in a layer in a phase of an update
        CHECK(depth <= 3);
    }
    CHECK(updates == static_cast<std::size_t>(settings.critic_steps) + 1);
    CHECK(deep > 50);
}

#endif
