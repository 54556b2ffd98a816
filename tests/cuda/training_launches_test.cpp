// Updates on a CUDA device as the host issues them: what is planned for the device, no memory that grows, launches in
// graphs, no waiting inside an update.
#include "musegan/training/forecast.hpp"
#include "musegan/training/wgan_gp.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "tensor/arena.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/execution.hpp"
#include "tensor/random.hpp"
#include "tensor/recorder.hpp"
#include "tests/cuda/repeated.hpp"
#include "tests/cuda/updates.hpp"
#include "tests/support/devices.hpp"

using musegan::Training;
using musegan::TrainingSettings;
using support::numbers_after;
using support::settings_on;
using tensor::Device;
using tensor::DType;

TEST_CASE(
    "at full width and batch 64 the device takes the critic's own first two layers as one in tf32, and only there") {
    NEEDS_CUDA();
    if (!tensor::backend(Device::cuda()).facts().computes(tensor::Precision::tf32)) SKIP_TEST("no tensor cores");
    TrainingSettings settings;
    settings.batch = 64;
    settings.device = Device::cuda();
    const auto peak = [&] { return static_cast<double>(predicted_peak_bytes(settings, 1000)); };
    const double f32 = peak();
    settings.execution.precision = tensor::Precision::tf32;
    const double tf32 = peak();
    TrainingSettings plain = settings;
    plain.make_plain();
    CAPTURE(f32);
    CAPTURE(tf32);
    // The first layer's outputs are three quarters of all bytes.
    CHECK(tf32 < 0.5 * f32);
    CHECK(tf32 < 0.5 * static_cast<double>(predicted_peak_bytes(plain, 1000)));
    // A rehearsal of a run on the dry device itself is one for the device that the dry one stands in for.
    settings.device = Device::dry();
    CHECK(peak() != tf32);
    settings.execution.rehearsed = Device::cuda();
    CHECK(peak() == tf32);
}

TEST_CASE("what shortens a run on a GPU is half the width, since the paper's networks are its own") {
    NEEDS_CUDA();
    TrainingSettings settings = support::small_settings();
    settings.model.width = 0.25;
    settings.device = Device::cuda();
    const auto half = shortcut(settings, rehearse(settings, 2));
    REQUIRE(half);
    CHECK(half->options == "--width 0.125");
    CHECK(half->factor > 1.5);
}

TEST_CASE("few phrases go through the critic in one pass, many in two, and in turn on the CPU") {
    NEEDS_CUDA();
    tensor::RandomStream stream{1};
    const musegan::Critic critic = musegan::make_critics({}, stream, DType::f32, Device::dry()).front();
    const auto most = static_cast<std::int64_t>(2e10 / critic.flops(1));
    CHECK(preferred_passes(critic, most, Device::cuda()) == musegan::CriticPasses::all_together);
    CHECK(preferred_passes(critic, most + 1, Device::cuda()) == musegan::CriticPasses::scores_together);
    CHECK(preferred_passes(critic, 2, Device::cpu()) == musegan::CriticPasses::in_turn);
}

TEST_CASE("memory in use after step 2 equals that after step 1") {
    NEEDS_CUDA();
    const TrainingSettings settings = settings_on(Device::cuda(), DType::f32);
    Training training(settings, support::small_phrases().to(settings.device));
    training.step();
    const std::int64_t before = tensor::arena(Device::cuda()).statistics().in_use;
    training.step();
    CHECK(tensor::arena(Device::cuda()).statistics().in_use == before);
    CHECK(tensor::arena(Device::cuda()).statistics().damaged == 0);
}

#if defined(TENSOR_CUDA_STANDIN)

TEST_CASE(
    "updates as graphs: captured, updated in place and replayed, they leave the same bits as one launch after "
    "another") {
    standin::device().count = 8;  // device 7 has no guards, and runs updates as graphs
    for (const tensor::Precision precision : {tensor::Precision::f32, tensor::Precision::tf32}) {
        TrainingSettings settings = settings_on(Device::cuda(0), DType::f32);
        settings.execution.precision = precision;
        const std::vector<double> launched = numbers_after(settings, 2);
        settings.device = Device::cuda(7);
        const std::uint64_t before = standin::counters().graph_launches;
        CHECK(support::same_bits(numbers_after(settings, 2), launched));
        // Four critic updates and two of the generator; the very first of each runs without a graph.
        CHECK(standin::counters().graph_launches >= before + 4);
    }
    CHECK(support::cuda_faults() == "");
    standin::device().count = 1;
}

TEST_CASE("launches are gathered into a graph unless they are not to be") {
    standin::device().count = 8;
    const tensor::Tensor x = tensor::Tensor::zeros({4}, DType::f32, Device::cuda(7));
    support::Repeated two_squares(x.device(), "two squares");
    const auto graphs = [&] {
        const std::uint64_t before = standin::counters().graph_launches;
        two_squares([&] { tensor::square(tensor::square(x)); });
        return standin::counters().graph_launches - before;
    };
    CHECK(graphs() == 0);  // the first time without one
    CHECK(graphs() == 1);
    {
        const tensor::ExecutionScope scope({.gathers_launches = false});
        CHECK(graphs() == 0);
    }
    CHECK(graphs() == 1);
    CHECK(support::cuda_faults() == "");
    standin::device().count = 1;
}

TEST_CASE("an observed update is issued launch by launch, each is told once, and the bits are the same") {
    standin::device().count = 8;  // device 7 runs updates as graphs while nobody looks
    TrainingSettings settings = settings_on(Device::cuda(7), DType::f32);
    const std::vector<double> unobserved = numbers_after(settings, 2);
    tensor::Recorder recorder(settings.device);
    const standin::Counters before = standin::counters();
    {
        const tensor::ObserverScope scope(&recorder);
        CHECK(support::same_bits(numbers_after(settings, 2), unobserved));
    }
    const standin::Counters after = standin::counters();
    CHECK(after.graph_launches == before.graph_launches);
    std::uint64_t launches = 0, in_updates = 0;
    for (const tensor::Record& record : recorder.take()) {
        if (*record.scope.kernel == '\0') continue;  // a copy to or from the host
        ++launches;
        CHECK(std::string_view(record.scope.operation) != "");
        if (*record.scope.phase == '\0') continue;  // while weights are drawn
        ++in_updates;
        if (std::string_view(record.scope.operation).starts_with("conv3d"))
            CHECK(std::string_view(record.scope.layer).find(".conv") != std::string_view::npos);
    }
    CHECK(launches == after.launches - before.launches + after.library_calls - before.library_calls +
                          after.asynchronous_sets - before.asynchronous_sets);
    CHECK(in_updates > 200);
    CHECK(support::cuda_faults() == "");
    standin::device().count = 1;
}

TEST_CASE("an update waits for nothing: the waits of a step do not depend on how many updates it has") {
    const auto waits = [](std::int64_t critic_steps) {
        TrainingSettings settings = settings_on(Device::cuda(), DType::f32);
        settings.critic_steps = critic_steps;
        Training training(settings, support::small_phrases().to(settings.device));
        training.step();
        standin::reset_counters();
        training.step();
        return standin::counters().synchronisations();
    };
    const std::uint64_t one = waits(1);
    CHECK(waits(3) == one);
    // The scores, the penalty, the slopes, the generator's loss, and whether all is finite.
    CHECK(one <= 6);
}

#endif
