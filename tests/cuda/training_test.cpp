// Whole critic and generator updates on a CUDA device: the same numbers as on the CPU, the same bits every time, no
// waiting inside an update, no memory that grows.
#include "musegan/training/training.hpp"
#include "musegan/training/forecast.hpp"
#include "musegan/training/wgan_gp.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "tensor/arena.hpp"
#include "tensor/cuda/backend.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/execution.hpp"
#include "tensor/observer.hpp"
#include "tensor/random.hpp"
#include "tensor/recorder.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/devices.hpp"

using musegan::StepReport;
using musegan::Training;
using musegan::TrainingSettings;
using tensor::Device;
using tensor::DType;

namespace {

TrainingSettings settings_on(Device device, DType dtype, int steps_per_beat = musegan::PhraseShape::finest) {
    TrainingSettings settings = support::small_settings(steps_per_beat);
    settings.device = device;
    settings.dtype = dtype;
    return settings;
}

/// Every number that a run leaves: losses of each step, then all parameters, statistics and moments.
std::vector<double> numbers_after(const TrainingSettings& settings, int steps, const tensor::Tensor& phrases) {
    Training training(settings, phrases.to(settings.device));
    std::vector<double> numbers;
    for (int i = 0; i < steps; ++i) {
        const StepReport report = training.step();
        for (const musegan::CriticReport& row : report.critics)
            numbers.insert(numbers.end(), {row.critic_loss(), row.real_score, row.fake_score, row.penalty,
                                           row.slope_mean, row.generator_loss});
    }
    const std::vector<double> state = support::state_values<double>(training);
    numbers.insert(numbers.end(), state.begin(), state.end());
    return numbers;
}

std::vector<double> numbers_after(const TrainingSettings& settings, int steps) {
    return numbers_after(settings, steps, support::small_phrases(settings.model.shape.steps_per_beat));
}

/// Counts the launches of the fused pair while it lives.
class PairLaunches final : public tensor::Observer {
  public:
    void begin(const tensor::Event& event) override {
        count += std::string_view(event.scope.kernel).starts_with("conv3d_pair");
    }
    void end(const tensor::Event&) override {}

    int count = 0;

  private:
    tensor::ObserverScope scope_{this};
};

/// Root mean square of a - b.
double distance(const std::vector<double>& a, const std::vector<double>& b) {
    REQUIRE(a.size() == b.size());
    double squares = 0;
    for (std::size_t i = 0; i < a.size(); ++i) squares += (a[i] - b[i]) * (a[i] - b[i]);
    return std::sqrt(squares / static_cast<double>(a.size()));
}

}  // namespace

TEST_CASE("ten critic and generator updates on the device equal the CPU's: f64 in nine digits, f32 to its rounding") {
    NEEDS_CUDA();
    TrainingSettings f64 = settings_on(Device::cpu(), DType::f64);
    f64.critic_steps = 4;
    const int steps = 2;
    const std::vector<double> exact = numbers_after(f64, steps);
    f64.device = Device::cuda();
    // Sums in another order differ in their last digits; Adam divides by the root of a square, which keeps relative
    // errors, and its first steps are of size `rate` whatever the gradient: 1e-3 times 1e-9 in the weights.
    CHECK(support::difference(numbers_after(f64, steps), exact, 1e-9) == "");

    TrainingSettings f32 = f64;
    f32.dtype = DType::f32;
    const double device_error = distance(numbers_after(f32, steps), exact);
    f32.device = Device::cpu();
    const double cpu_error = distance(numbers_after(f32, steps), exact);
    CAPTURE(device_error);
    CAPTURE(cpu_error);
    // Both round at the same places, in different orders: their distances from the exact run are of one size.
    CHECK(device_error <= 4 * cpu_error);
    CHECK(cpu_error > 0);
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("updates of a coarser time grid on the device equal the CPU's, too") {
    NEEDS_CUDA();
    for (const int steps_per_beat : {4, 12}) {
        CAPTURE(steps_per_beat);
        TrainingSettings settings = settings_on(Device::cpu(), DType::f64, steps_per_beat);
        const std::vector<double> expected = numbers_after(settings, 1);
        settings.device = Device::cuda();
        CHECK(support::difference(numbers_after(settings, 1), expected, 1e-9) == "");
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE("updates of each of the six models on the device equal the CPU's") {
    NEEDS_CUDA();
    for (musegan::ModelConfig model : support::six_models()) {
        CAPTURE(model.name());
        model.shape.steps_per_beat = 4;  // the coarsest grid: small volumes
        TrainingSettings settings = support::small_settings_of(model);
        settings.dtype = DType::f64;
        const std::vector<double> expected = numbers_after(settings, 1);
        settings.device = Device::cuda();
        CHECK(support::difference(numbers_after(settings, 1), expected, 1e-9) == "");
    }
    CHECK(support::cuda_faults() == "");
}

namespace {

/// Names of the operators of updates that run on a CUDA device, and of those that run elsewhere, while it lives.
class Operators final : public tensor::Observer {
  public:
    void begin(const tensor::Event&) override {}
    void end(const tensor::Event& event) override {
        if (event.is_launch() || !event.ran || *event.scope.phase == '\0' || !event.device) return;
        (event.device->kind == tensor::DeviceKind::cuda ? there : elsewhere).insert(event.scope.operation);
    }

    std::set<std::string> there, elsewhere;

  private:
    tensor::ObserverScope scope_{this};
};

TrainingSettings compact_settings(musegan::MultiTrackModel model,
                                  musegan::Condition condition = musegan::Condition::none) {
    TrainingSettings settings = support::small_settings_of(support::model_of(model, condition));
    settings.model.preset = musegan::preset_named("compact");
    settings.model.shape.steps_per_beat = 4;
    settings.model.latents.deviation = 1.0;
    settings.dtype = DType::f64;
    return settings;
}

/// Phrases of noise: no track is silent.
tensor::Tensor noise(const musegan::PhraseShape& shape) {
    constexpr std::int64_t count = 4;
    tensor::RandomStream stream{5};
    std::vector<std::uint8_t> bytes;
    for (const double value : tensor::random_uniform(stream, {count * shape.bytes()}, DType::f64).values<double>())
        bytes.push_back(static_cast<std::uint8_t>(256 * value));
    return tensor::Tensor::from(bytes, {count, shape.bytes()});
}

/// A step on the device equals the CPU's in nine digits, and runs there as a whole, these operators among others.
void check_step(TrainingSettings settings, const std::vector<std::string>& operators) {
    NEEDS_CUDA();
    const tensor::Tensor phrases = noise(settings.model.shape);
    const std::vector<double> expected = numbers_after(settings, 1, phrases);
    std::vector<double> tolerance;
    for (const double value : expected) tolerance.push_back(1e-9 * std::max(1.0, std::abs(value)));
    settings.device = Device::cuda();
    const Operators ran;
    CHECK(support::difference(numbers_after(settings, 1, phrases), expected, tolerance) == "");
    CHECK(fmt::format("{}", fmt::join(ran.elsewhere, ", ")) == "");
    for (const std::string& name : operators) CHECK_MESSAGE(ran.there.contains(name), name);
    CHECK(support::cuda_faults() == "");
}

}  // namespace

TEST_CASE("an update of preset compact, whose tracks have networks of their own, on the device equals the CPU's") {
    check_step(compact_settings(musegan::MultiTrackModel::composer), {"conv3d", "split", "concat", "normalize"});
}

TEST_CASE("an update with stochastic neurons, a hinge and a penalty of one side on the device equals the CPU's") {
    TrainingSettings settings = compact_settings(musegan::MultiTrackModel::hybrid, musegan::Condition::piano);
    settings.model.output = musegan::Output::stochastic;
    settings.objective.loss = musegan::Loss::hinge;
    settings.objective.penalty_sides = musegan::PenaltySides::one;
    check_step(settings, {"sigmoid", "binarize", "random", "concat"});
}

TEST_CASE("an update with layer norm in critics, the first GAN's loss and an average on the device equals the CPU's") {
    TrainingSettings settings = compact_settings(musegan::MultiTrackModel::jamming);
    settings.model.critic_norm = musegan::NormChoice::layer;
    // Layer norm divides what hardly varies by the root of its epsilon, rounding included: on silence, and on what
    // generators make of small weights, each layer of a critic would lose two digits.
    settings.model.weight_start = layers::WeightStart::fan_in;
    // A bias in front of a norm has the gradient 0 but for rounding, which Adam would make steps of.
    settings.adam.epsilon = 1e-4;
    settings.objective.loss = musegan::Loss::non_saturating;
    settings.average = 0.9;
    check_step(settings, {"softplus", "normalize", "follow"});
}

TEST_CASE("an update with clipped critics instead of a penalty on the device equals the CPU's") {
    TrainingSettings settings = compact_settings(musegan::MultiTrackModel::composer);
    settings.objective.penalty_weight = 0;
    settings.clip = 0.01;
    check_step(settings, {"clamp"});
}

TEST_CASE("the same seed gives the same bits on one device, in f32 and in tf32") {
    NEEDS_CUDA();
    for (const tensor::Precision precision : {tensor::Precision::f32, tensor::Precision::tf32}) {
        if (precision == tensor::Precision::tf32 && !tensor::backend(Device::cuda()).facts().has_tensor_cores) continue;
        TrainingSettings settings = settings_on(Device::cuda(), DType::f32);
        settings.execution.precision = precision;
        CHECK(support::same_bits(numbers_after(settings, 1), numbers_after(settings, 1)));
    }
    CHECK(support::cuda_faults() == "");
}

namespace {

/// A step whose critics run their first two layers as one is as near to the exact step as one whose critics run them
/// apart. `settings` are those of the exact step, on the CPU.
void check_fused_step(TrainingSettings settings, int critics) {
    settings.model.width = 1.0 / 8;  // 16 channels, the least that the fused kernels take
    settings.critic_steps = 1;
    const std::vector<double> exact = numbers_after(settings, 1);
    settings.device = Device::cuda();
    settings.dtype = DType::f32;
    settings.execution.precision = tensor::Precision::tf32;
    PairLaunches launches;
    TrainingSettings plain_settings = settings;
    plain_settings.make_plain();
    const double plain = distance(numbers_after(plain_settings, 1), exact);
    CHECK(launches.count == 0);
    settings.execution.fusion = tensor::Fusion::always;
    const double fused = distance(numbers_after(settings, 1), exact);
    // A critic's update: a value for all phrases, the chain's input gradient, its tangent, and two launches or more for
    // each of two weight gradients; the generator's: a value and an input gradient by each critic.
    CHECK(launches.count >= 9 * critics);
    CAPTURE(plain);
    CAPTURE(fused);
    // Both round operands to 10 bits of fraction. The plain one may choose a kernel in f32 for the thin layer.
    CHECK(fused <= 8 * plain);
    CHECK(fused > 0);
    CHECK(support::cuda_faults() == "");
}

}  // namespace

TEST_CASE("a step with the first two layers of the critic as one is as near to the exact step as one without") {
    NEEDS_CUDA();
    if (!tensor::backend(Device::cuda()).facts().has_tensor_cores) SKIP_TEST("no tensor cores");
    if (support::on_standin && support::race_checked)
        SKIP_TEST("minutes under the race check; its kernels run there alone");
    check_fused_step(settings_on(Device::cpu(), DType::f64), 1);
}

TEST_CASE("a step of critics of one track, each with its first two layers as one, is as near to the exact step") {
    NEEDS_CUDA();
    if (!tensor::backend(Device::cuda()).facts().has_tensor_cores) SKIP_TEST("no tensor cores");
    if (support::on_standin && support::race_checked)
        SKIP_TEST("minutes under the race check; its kernels run there alone");
    musegan::ModelConfig jamming = support::model_of(musegan::MultiTrackModel::jamming);
    jamming.shape.steps_per_beat = 4;
    TrainingSettings settings = support::small_settings_of(jamming);
    settings.dtype = DType::f64;
    check_fused_step(settings, 5);
}

TEST_CASE(
    "at full width and batch 64 the device takes the critic's own first two layers as one in tf32, and only there") {
    NEEDS_CUDA();
    if (!tensor::backend(Device::cuda()).facts().has_tensor_cores) SKIP_TEST("no tensor cores");
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
    const auto graphs = [&] {
        const std::uint64_t before = standin::counters().graph_launches;
        tensor::backend(x.device()).issue_together("two squares", [&] { tensor::square(tensor::square(x)); });
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
