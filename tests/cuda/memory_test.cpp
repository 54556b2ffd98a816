// What the dry device predicts of a step's memory on a CUDA device, against what the device's arena counts.
#include <doctest/doctest.h>

#include "musegan/training/training.hpp"
#include "tensor/arena.hpp"
#include "tests/cuda/updates.hpp"
#include "tests/support/devices.hpp"

using support::settings_on;
using tensor::Device;
using tensor::DType;

TEST_CASE("the predicted peak of a step is the device's, but for what operators other than convolutions take") {
    NEEDS_CUDA();
    if (support::race_checked) SKIP_TEST("long under the race check");
    Device device = Device::cuda();
#if defined(TENSOR_CUDA_STANDIN)
    standin::device().count = 8;  // on device 7 blocks have no guards
    device = Device::cuda(7);
#endif
    musegan::TrainingSettings settings = settings_on(device, DType::f32);
    constexpr std::int64_t phrases = 4;
    const auto peak = [&] {
        tensor::Arena& arena = tensor::arena(device);
        const std::int64_t before = arena.statistics().in_use;
        arena.reset_peak();
        musegan::Training training(settings,
                                   tensor::Tensor::zeros({phrases, settings.model.shape.bytes()}, DType::u8, device));
        training.update_critic();
        training.update_generator();
        return arena.statistics().peak - before;
    };
    peak();  // makes the workspace of cuBLAS, which stays
    const std::int64_t measured = peak(), predicted = musegan::predicted_peak_bytes(settings, phrases);
    CAPTURE(measured);
    CAPTURE(predicted);
    CHECK(measured >= predicted);
    CHECK(100 * (measured - predicted) <= measured);
    CHECK(support::cuda_faults() == "");
#if defined(TENSOR_CUDA_STANDIN)
    standin::device().count = 1;
#endif
}
