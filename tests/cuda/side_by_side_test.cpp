// Two pieces of work side by side in a graph: the bits of one after the other, whatever runs first.
#include "musegan/training/memory.hpp"
#include "musegan/training/wgan_gp.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/execution.hpp"
#include "tensor/matmul.hpp"
#include "tensor/observer.hpp"
#include "tensor/repetition.hpp"
#include "tests/cuda/updates.hpp"
#include "tests/support/devices.hpp"

using musegan::CriticPasses;
using musegan::TrainingSettings;
using support::numbers_after;
using support::settings_on;
using tensor::Device;
using tensor::DType;
using tensor::Tensor;

namespace {

/// A device that gathers launches into graphs: on the stand-in number 7, whose blocks have no guards.
class GatheringDevice {
  public:
#if defined(TENSOR_CUDA_STANDIN)
    GatheringDevice() { standin::device().count = 8; }
    ~GatheringDevice() {
        CHECK(support::cuda_faults() == "");
        standin::device().count = 1;
        standin::device().graph_order = standin::GraphOrder::as_issued;
    }
    static Device device() { return Device::cuda(7); }
#else
    static Device device() { return Device::cuda(); }
#endif
    static const tensor::Backend& backend() { return tensor::backend(device()); }
};

/// A chain of operators with memory that comes and goes: of x [2, 2].
Tensor chain(const Tensor& x) {
    Tensor y = x;
    for (int i = 0; i < 4; ++i) y = tensor::add(tensor::matmul_nn(y, x), tensor::square(tensor::affine(y, 0.5, 1.0)));
    return tensor::affine(y, 0.125, 0.0);
}

/// Calls `check` with the graphs' branches in each order that can be chosen.
void in_every_order(const std::function<void()>& check) {
#if defined(TENSOR_CUDA_STANDIN)
    using standin::GraphOrder;
    for (const GraphOrder order : {GraphOrder::as_issued, GraphOrder::last_branch_first, GraphOrder::alternating}) {
        CAPTURE(static_cast<int>(order));
        standin::device().graph_order = order;
        check();
    }
#else
    check();
#endif
}

}  // namespace

TEST_CASE("side by side: two chains and what follows them have the values of one after the other") {
    NEEDS_CUDA();
    const GatheringDevice gathering;
    const Tensor a = Tensor::from(std::vector<float>{1, 2, 3, 4}, {2, 2}, gathering.device());
    const Tensor b = Tensor::from(std::vector<float>{2, -1, 1, 3}, {2, 2}, gathering.device());
    const std::vector<float> expected = tensor::add(chain(a), chain(b)).values<float>();
    in_every_order([&] {
        const auto repeated = gathering.backend().make_repetition("two chains");
        for (int i = 0; i < 4; ++i) {  // once without a graph, once captured, twice replayed
            const std::vector<Tensor> sum = repeated->run({}, [&](const std::uint64_t*) {
                Tensor first, second, of_before = tensor::affine(a, 1.0, 0.0);
                gathering.backend().side_by_side([&] { first = chain(of_before); },
                                                 [&] {
                                                     of_before = Tensor();  // which the first may not have read yet
                                                     second = chain(b);
                                                 });
                return std::vector{tensor::add(first, second)};
            });
            CHECK(sum[0].values<float>() == expected);
        }
        CHECK(repeated->counts().captured == 1);
        CHECK(repeated->counts().replayed == 2);
    });
}

TEST_CASE("side by side inside one of two pieces: in turn, with the same values") {
    NEEDS_CUDA();
    const GatheringDevice gathering;
    const Tensor a = Tensor::from(std::vector<float>{1, 2, 3, 4}, {2, 2}, gathering.device());
    const std::vector<float> expected = chain(a).values<float>();
    in_every_order([&] {
        const auto repeated = gathering.backend().make_repetition("nested");
        for (int i = 0; i < 3; ++i) {
            const std::vector<Tensor> results = repeated->run({}, [&](const std::uint64_t*) {
                std::vector<Tensor> made(4);
                const auto two = [&](std::size_t k) {
                    gathering.backend().side_by_side([&, k] { made[k] = chain(a); },
                                                     [&, k] { made[k + 1] = chain(a); });
                };
                gathering.backend().side_by_side([&] { two(0); }, [&] { two(2); });
                return made;
            });
            for (const Tensor& result : results) CHECK(result.values<float>() == expected);
        }
        CHECK(repeated->counts().captured == 1);
    });
}

TEST_CASE("side by side: what either piece throws is thrown on, nothing has run, and the next works") {
    NEEDS_CUDA();
    const GatheringDevice gathering;
    const Tensor a = Tensor::from(std::vector<float>{1, 2, 3, 4}, {2, 2}, gathering.device());
    int thrower = 0;
    const auto repeated = gathering.backend().make_repetition("throws");
    std::vector<Tensor> results;
    const auto issue = [&] {
        results = repeated->run({}, [&](const std::uint64_t*) {
            std::vector<Tensor> made(2);
            const auto piece = [&](int number, Tensor& result) {
                result = chain(a);
                if (number == thrower) throw std::runtime_error("piece " + std::to_string(number));
            };
            gathering.backend().side_by_side([&] { piece(1, made[0]); }, [&] { piece(2, made[1]); });
            return made;
        });
    };
    issue();
    for (const int number : {1, 2}) {
        repeated->forget();
        thrower = number;
        CHECK(support::message_of(issue) == "piece " + std::to_string(number));
        CHECK(!gathering.backend().arena().is_forked());
        thrower = 0;
        issue();
        for (const Tensor& result : results) CHECK(result.values<float>() == chain(a).values<float>());
    }
    CHECK(repeated->counts().captured == 2);
    CHECK(repeated->counts().refused == "");
}

TEST_CASE("side by side outside a graph: in turn") {
    NEEDS_CUDA();
    const GatheringDevice gathering;
    std::vector<int> order;
    tensor::Arena& arena = gathering.backend().arena();
    gathering.backend().side_by_side([&] { order.push_back(arena.is_forked() ? -1 : 1); },
                                     [&] { order.push_back(arena.is_forked() ? -2 : 2); });
    CHECK(order == std::vector<int>{1, 2});
}

TEST_CASE("a rehearsal for a device that runs pieces side by side takes their memory apart") {
    NEEDS_CUDA();
    const GatheringDevice gathering;
    REQUIRE(gathering.backend().facts().runs_side_by_side);
    tensor::Arena& arena = tensor::arena(Device::dry());
    const auto peak = [&](const tensor::Execution& execution) {
        const tensor::ExecutionScope scope(execution);
        const auto piece = [] { Tensor::empty({1 << 20}, DType::u8, Device::dry()); };
        const std::int64_t before = arena.statistics().in_use;
        arena.reset_peak();
        tensor::backend(Device::dry()).side_by_side(piece, [&] {
            piece();
            tensor::backend(Device::dry()).side_by_side(piece, piece);  // in turn
        });
        CHECK(arena.statistics().in_use == before);
        return arena.statistics().peak - before;
    };
    CHECK(peak({.rehearsed = Device::cpu()}) == 1 << 20);
    // The second piece's products have a workspace of their own.
    CHECK(peak({.rehearsed = gathering.device()}) == (2 << 20) + gathering.backend().facts().workspace_bytes);
    CHECK(peak({.gathers_launches = false, .rehearsed = gathering.device()}) == 1 << 20);
    CHECK(peak({.side_by_side = false, .rehearsed = gathering.device()}) == 1 << 20);
}

#if defined(TENSOR_CUDA_STANDIN)

namespace {

/// Two steps whose updates are graphs, with a fork or not, in every order of its branches, leave the bits of launches
/// one after the other on device 0.
void check_forked_steps(TrainingSettings settings, bool forks) {
    const GatheringDevice gathering;
    settings.device = Device::cuda(0);
    const std::vector<double> launched = numbers_after(settings, 2);
    settings.device = gathering.device();
    in_every_order([&] {
        const standin::Counters before = standin::counters();
        CHECK(support::same_bits(numbers_after(settings, 2), launched));
        const std::uint64_t forked = standin::counters().forked_graph_launches - before.forked_graph_launches;
        CHECK(standin::counters().graph_launches > before.graph_launches);
        // The very first update may run without a graph.
        CHECK(forked >= (forks ? static_cast<std::uint64_t>(2 * settings.critic_steps - 1) : 0));
        if (!forks) CHECK(forked == 0);
        CHECK(support::cuda_faults() == "");
    });
}

TrainingSettings forked_settings(CriticPasses passes) {
    TrainingSettings settings = settings_on(Device::cuda(0), DType::f32);
    settings.passes = passes;
    settings.critic_steps = 2;
    return settings;
}

}  // namespace

TEST_CASE("the penalty's chain beside the scores' as a graph leaves the bits of one after the other, in any order") {
    check_forked_steps(forked_settings(CriticPasses::scores_together), true);
}

TEST_CASE("the same in tf32, and with the scores in turn") {
    if (support::race_checked) SKIP_TEST("the same launches as in f32, which the race check sees");
    TrainingSettings settings = forked_settings(CriticPasses::in_turn);
    settings.execution.precision = tensor::Precision::tf32;
    check_forked_steps(settings, true);
}

TEST_CASE("a critic with batch norm takes its two chains in turn, since both move its running statistics") {
    if (support::race_checked) SKIP_TEST("no branches to check");
    TrainingSettings settings = forked_settings(CriticPasses::scores_together);
    settings.model.critic_norm = musegan::NormChoice::batch;
    settings.allow_critic_batch_norm = true;
    settings.passes = CriticPasses::in_turn;
    check_forked_steps(settings, false);
}

TEST_CASE("where only that fits the chains run in turn in their graph, with the same numbers") {
    if (support::race_checked) SKIP_TEST("no branches to check");
    TrainingSettings settings = forked_settings(CriticPasses::scores_together);
    std::int64_t forked = 0, in_turn = 0;
    {
        const GatheringDevice gathering;
        settings.device = gathering.device();
        const auto peak = [&] { return musegan::predicted_peak_bytes(settings, 4); };
        forked = peak();
        CHECK(fitted(settings, 4, forked).execution.side_by_side);
        CHECK(!fitted(settings, 4, forked - 1).execution.side_by_side);
        settings.execution.side_by_side = false;
        in_turn = peak();
        CHECK(in_turn < forked);
        settings.execution.side_by_side = true;
        CHECK(!fitted(settings, 4, in_turn).execution.side_by_side);
        CHECK(fitted(settings, 4, in_turn - 1).execution.side_by_side);  // neither fits
        CHECK(largest_batch(settings, 4, in_turn) == settings.batch);
        CHECK(require_memory(fitted(settings, 4, in_turn), 4, in_turn).peak_bytes == in_turn);
    }
    settings.execution.side_by_side = false;
    check_forked_steps(settings, false);
}

TEST_CASE("the rehearsed peak of updates with a fork is that of the device, but for where blocks happen to lie") {
    if (support::race_checked) SKIP_TEST("long under the race check");
    const GatheringDevice gathering;
    TrainingSettings settings = forked_settings(CriticPasses::scores_together);
    settings.device = gathering.device();
    constexpr std::int64_t phrases = 4;
    tensor::Arena& arena = tensor::arena(settings.device);
    const auto measure = [&] {
        const std::int64_t before = arena.statistics().in_use;
        arena.reset_peak();
        musegan::Training training(settings,
                                   Tensor::zeros({phrases, settings.model.shape.bytes()}, DType::u8, settings.device));
        for (int i = 0; i < 2; ++i) training.update_critic();
        training.update_generator();
        return arena.statistics().peak - before;
    };
    measure();  // makes the workspaces, which stay
    const std::int64_t measured = measure() + gathering.backend().facts().workspace_bytes;  // of the second branch
    const std::int64_t predicted = musegan::predicted_peak_bytes(settings, phrases);
    settings.execution.gathers_launches = false;
    const std::int64_t in_turn = musegan::predicted_peak_bytes(settings, phrases);
    CAPTURE(measured);
    CAPTURE(predicted);
    CAPTURE(in_turn);
    CHECK(predicted > in_turn);
    CHECK(50 * std::abs(measured - predicted) <= measured);
}

#endif
