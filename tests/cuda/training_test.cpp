// Whole critic and generator updates on a CUDA device: the same numbers as on the CPU, the same bits every time.
#include "musegan/training/training.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "tensor/elementwise.hpp"
#include "tensor/observer.hpp"
#include "tensor/random.hpp"
#include "tests/cuda/pair_launches.hpp"
#include "tests/cuda/updates.hpp"
#include "tests/support/devices.hpp"

using musegan::TrainingSettings;
using support::numbers_after;
using support::settings_on;
using tensor::Device;
using tensor::DType;

namespace {

;

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
        if (precision == tensor::Precision::tf32 &&
            !tensor::backend(Device::cuda()).facts().computes(tensor::Precision::tf32))
            continue;
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
    support::PairLaunches launches;
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
    if (!tensor::backend(Device::cuda()).facts().computes(tensor::Precision::tf32)) SKIP_TEST("no tensor cores");
    if (support::on_standin && support::race_checked)
        SKIP_TEST("minutes under the race check; its kernels run there alone");
    check_fused_step(settings_on(Device::cpu(), DType::f64), 1);
}

TEST_CASE("a step of critics of one track, each with its first two layers as one, is as near to the exact step") {
    NEEDS_CUDA();
    if (!tensor::backend(Device::cuda()).facts().computes(tensor::Precision::tf32)) SKIP_TEST("no tensor cores");
    if (support::on_standin && support::race_checked)
        SKIP_TEST("minutes under the race check; its kernels run there alone");
    musegan::ModelConfig jamming = support::model_of(musegan::MultiTrackModel::jamming);
    jamming.shape.steps_per_beat = 4;
    TrainingSettings settings = support::small_settings_of(jamming);
    settings.dtype = DType::f64;
    check_fused_step(settings, 5);
}
