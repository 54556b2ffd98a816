// The gradients of the critic with its first two layers as one and apart, on a device at its full width, too: the sizes
// at which training runs the fused kernels, where each block has many tiles.
#include <doctest/doctest.h>

#include <cmath>
#include <string_view>
#include <vector>

#include "musegan/training/wgan_gp.hpp"
#include "tensor/cuda/conv3d_choice.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/execution.hpp"
#include "tensor/observer.hpp"
#include "tensor/random.hpp"
#include "tests/cuda/pair_launches.hpp"
#include "tests/support/devices.hpp"

using tensor::Device;
using tensor::DType;
using tensor::Tensor;

namespace {

;

struct Gradients {
    std::vector<std::vector<float>> values;  ///< of each parameter
    int pair_launches = 0;
};

Gradients gradients_of(const musegan::Critic& critic, const musegan::CriticBatch& batch, tensor::Precision precision,
                       tensor::Fusion fusion) {
    const tensor::ExecutionScope scope({.precision = precision, .fusion = fusion});
    const support::PairLaunches launches;
    Gradients result;
    for (const Tensor& gradient : musegan::critic_gradients(critic, batch).gradients)
        result.values.push_back(gradient.values<float>());
    result.pair_launches = launches.count;
    return result;
}

/// Euclidean norm of a - factor b.
double norm(const std::vector<float>& a, const std::vector<float>& b, double factor) {
    REQUIRE(a.size() == b.size());
    double squares = 0;
    for (std::size_t i = 0; i < a.size(); ++i) squares += std::pow(double{a[i]} - factor * double{b[i]}, 2);
    return std::sqrt(squares);
}

/// Phrases in which one note of eight sounds, against noise.
musegan::CriticBatch noise(std::int64_t phrases) {
    tensor::RandomStream stream{7};
    const tensor::Shape shape{phrases, musegan::paper_shape.steps(), musegan::paper_shape.pitches, musegan::n_tracks,
                              1};
    const auto uniform = [&](const tensor::Shape& of) { return tensor::random_uniform(stream, of, DType::f32); };
    std::vector<float> notes = uniform(shape).values<float>();
    for (float& note : notes) note = note < 0.125f ? 1.0f : 0.0f;
    const Device device = Device::cuda();
    return {Tensor::from(notes, shape, device), uniform(shape).to(device), uniform({phrases}).to(device)};
}

/// Compares the gradients of a critic of that width, fused and plain.
void check_fused(double width, std::int64_t phrases) {
    CAPTURE(width);
    CAPTURE(phrases);
    // The same products by the same tensor cores, but for those of the pair; cuBLAS would round in its own way.
    const tensor::cuda::AlgorithmScope algorithm(tensor::cuda::ConvolutionAlgorithm::tensor_core);
    tensor::RandomStream stream{1};
    // Weights of a scale that keeps all gradients alike: with a layer's usual ones those of the weights are 1e-6 of
    // those of the biases, and nothing could be told from them.
    const musegan::ModelConfig config{.width = width, .weight_start = layers::WeightStart::fan_in};
    const musegan::Critic critic = musegan::make_critics(config, stream, DType::f32, Device::cuda()).front();
    const musegan::CriticBatch batch = noise(phrases);
    const Gradients plain = gradients_of(critic, batch, tensor::Precision::tf32, tensor::Fusion::off);
    const Gradients fused = gradients_of(critic, batch, tensor::Precision::tf32, tensor::Fusion::always);
    CHECK(plain.pair_launches == 0);
    CHECK(fused.pair_launches > 0);
    double all = 0;
    for (const std::vector<float>& gradient : plain.values) all += norm(gradient, gradient, 0);
    REQUIRE(plain.values.size() == fused.values.size());
    for (std::size_t i = 0; i < plain.values.size(); ++i) {
        CAPTURE(i);
        const double size = norm(plain.values[i], plain.values[i], 0);
        // What is lost where terms cancel, as in the last bias, which the two scores pull apart; the pair's four
        // gradients are far above it.
        const double cancelled = std::ldexp(all, -20);
        if (i < 4) CHECK(size > 100 * cancelled);
        // Both round the same operands and differ in the order of sums in f32, and in b1's gradient, which the fused
        // kernel sums after rounding (2^-11). Few values lie so near the edge between two TF32 numbers, or near zero,
        // where a LeakyReLU's slope changes, that they fall to the other side; but each that does moves others in the
        // layers behind. A narrow critic's gradients come out 2^-12 apart; allow 16 times that.
        CHECK(norm(fused.values[i], plain.values[i], 1) <= std::ldexp(size, -8) + cancelled);
    }
}

bool has_tensor_cores() { return tensor::backend(Device::cuda()).facts().computes(tensor::Precision::tf32); }

}  // namespace

TEST_CASE("gradients of a narrow critic with its first two layers as one are those without") {
    NEEDS_CUDA();
    if (support::race_checked) SKIP_TEST("minutes where every access is checked");
    if (!has_tensor_cores()) SKIP_TEST("no tensor cores");
    check_fused(0.125, 2);
}

TEST_CASE("gradients of the critic at full width with its first two layers as one are those without") {
    NEEDS_CUDA();
    if (support::on_standin) SKIP_TEST("hours on the stand-in");
    if (!has_tensor_cores()) SKIP_TEST("no tensor cores");
    for (const std::int64_t phrases : {8, 64}) check_fused(1, phrases);
}
