// A profile like those of real runs, made by arithmetic: the same on every machine. Layers and phases are those of the
// paper's composer, times those of a processor or of a GPU that reaches a part of its roofs.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "musegan/study/profile.hpp"

namespace support {

namespace detail {

struct ExampleLayer {
    std::string name;
    double gflop = 0, mb = 0;  ///< of a pass forward
};

inline std::vector<ExampleLayer> example_critic() {
    return {{"critic.bars1", 0.496, 104},     {"critic.bars2", 6.34, 132},      {"critic.pitches1", 2.11, 35.9},
            {"critic.pitches2", 0.176, 3.25}, {"critic.times1", 0.0246, 0.604}, {"critic.times2", 0.0123, 0.317},
            {"critic.times3", 0.0220, 0.253}, {"critic.bars3", 0.0311, 0.360},  {"critic.dense1", 0.000033, 0.033}};
}

inline std::vector<ExampleLayer> example_generator() {
    return {{"generator.temporal1", 0.0021, 0.9},      {"generator.bass.bars1", 0.0168, 1.1},
            {"generator.bass.times1", 0.0671, 2.1},    {"generator.drums.times1", 0.0671, 2.1},
            {"generator.guitar.times1", 0.0671, 2.1},  {"generator.piano.times1", 0.0671, 2.1},
            {"generator.strings.times1", 0.0671, 2.1}, {"generator.pitches1", 1.42, 24.5},
            {"generator.pitches2", 0.99, 41.0}};
}

/// Writes down one round after the other.
class ExampleRun {
  public:
    ExampleRun(bool is_gpu, unsigned round) : is_gpu_(is_gpu), state_(2463534242U + 7919U * round) {}

    void begin(std::string update) { update_ = std::move(update); }
    void phase(std::string name) { phase_ = std::move(name); }

    void call(const std::string& layer, const std::string& operation, const std::string& kernel, double gflop,
              double mb, double reached) {
        const double floor = std::max(gflop / (is_gpu_ ? 360 : 0.112), mb / (is_gpu_ ? 4310 : 21.3));  // milliseconds
        const double milliseconds = std::max(floor / reached, is_gpu_ ? 0.0024 : 0.0012) * (1 + 0.06 * random());
        musegan::ProfileSpan span{.words = {update_, phase_, layer, operation, is_gpu_ ? kernel : operation},
                                  .start = now_,
                                  .milliseconds = milliseconds,
                                  .flops = gflop * 1e9,
                                  .bytes = mb * 1e6};
        if (is_gpu_) span.launch = launch_of(kernel);
        now_ += milliseconds + (is_gpu_ ? 0.0008 : 0.0004);
        spans_.push_back(std::move(span));
    }
    void wait(double milliseconds) { now_ += milliseconds; }
    std::vector<musegan::ProfileSpan> take() { return std::move(spans_); }

  private:
    static tensor::LaunchFacts launch_of(const std::string& kernel) {
        const bool is_product = kernel.find("conv3d") != std::string::npos;
        return {.grid = {is_product ? 1056U : 4096U, 1, 1},
                .block = {256, 1, 1},
                .registers = is_product ? 168 : 24,
                .shared_bytes = is_product ? 98304 : 0,
                .occupancy = is_product ? 0.25 : 1.0};
    }
    /// Between 0 and 1 (xorshift).
    double random() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        return static_cast<double>(state_) / 4294967296.0;
    }

    bool is_gpu_;
    std::uint32_t state_;
    std::string update_, phase_;
    double now_ = 0;
    std::vector<musegan::ProfileSpan> spans_;
};

/// A pass forward or, with `gradient`, backward through layers.
inline void example_pass(ExampleRun& run, const std::vector<ExampleLayer>& layers, double share, bool by_weights) {
    for (const ExampleLayer& layer : layers) {
        const double reached = layer.gflop > 1 ? 0.71 : layer.gflop > 0.1 ? 0.48 : 0.22;
        run.call(layer.name, "conv3d", "conv3d_tensor_core", layer.gflop * share, layer.mb * share, reached);
        run.call(layer.name, "bias_leaky_relu", "bias_leaky_relu_kernel", layer.mb * share * 5e-4, layer.mb * share,
                 0.83);
        if (by_weights)
            run.call(layer.name, "sum_to", "sum_rows", layer.mb * share * 2.5e-4, layer.mb * share * 0.5, 0.74);
    }
}

inline void example_backward(ExampleRun& run, std::vector<ExampleLayer> layers, double share, bool by_weights) {
    std::reverse(layers.begin(), layers.end());
    for (const ExampleLayer& layer : layers) {
        const double reached = layer.gflop > 1 ? 0.66 : layer.gflop > 0.1 ? 0.41 : 0.2;
        run.call(layer.name, "follow", "follow_bits", 0, layer.mb * share, 0.86);
        run.call(layer.name, "conv3d_input_gradient", "conv3d_lowering", layer.gflop * share, layer.mb * share,
                 reached);
        if (!by_weights) continue;
        run.call(layer.name, "conv3d_weight_gradient", "conv3d_weight_tiles", layer.gflop * share, layer.mb * share,
                 reached * 0.8);
        run.call(layer.name, "sum_to", "sum_rows", layer.mb * share * 2.5e-4, layer.mb * share * 0.5, 0.74);
        run.call("", "accumulate", "accumulate_kernel", 1e-5, 0.4, 0.5);
    }
}

inline void example_adam(ExampleRun& run, const std::vector<ExampleLayer>& layers) {
    for (const ExampleLayer& layer : layers) run.call(layer.name, "adam", "adam_kernel", 0.002, 2.9, 0.7);
}

inline std::vector<musegan::ProfileSpan> example_round(bool is_gpu, unsigned round) {
    ExampleRun run(is_gpu, round);
    const auto critic = example_critic(), generator = example_generator();
    const double share = is_gpu ? 8 : 0.25;  // of phrases
    run.begin("critic");
    run.phase("data");
    run.call("", "random", "random_normal", 0.0001, 0.3, 0.4);
    run.call("", "unpack_bits", "unpack_bits_kernel", 0, 5.4 * share, 0.6);
    run.phase("generator forward");
    example_pass(run, generator, share, false);
    run.phase("critic forward, fake and real");
    example_pass(run, critic, 2 * share, false);
    run.phase("critic backward, fake and real");
    example_backward(run, critic, 2 * share, true);
    run.phase("critic forward, interpolated");
    run.call("", "interpolate", "interpolate_kernel", 0.002 * share, 15 * share, 0.8);
    example_pass(run, critic, share, false);
    run.phase("penalty slopes");
    example_backward(run, critic, share, false);
    run.call("", "norm", "norm_kernel", 0.001 * share, 5 * share, 0.7);
    run.phase("penalty backward");
    example_pass(run, critic, share, true);
    example_backward(run, critic, share, true);
    run.phase("critic Adam");
    example_adam(run, critic);
    run.wait(is_gpu ? 0.02 : 0.1);
    run.begin("generator");
    run.phase("data");
    run.call("", "random", "random_normal", 0.0001, 0.3, 0.4);
    run.phase("generator forward");
    example_pass(run, generator, share, true);
    run.phase("critic forward, fake");
    example_pass(run, critic, share, false);
    run.phase("critic backward, fake");
    example_backward(run, critic, share, false);
    run.phase("generator backward");
    example_backward(run, generator, share, true);
    run.phase("generator Adam");
    example_adam(run, generator);
    run.phase("average of weights");
    run.call("", "add_scaled", "add_scaled_kernel", 0.004, 18, 0.8);
    return run.take();
}

}  // namespace detail

/// Five rounds on a processor, or on a GPU, whose launches have names and facts of their own.
inline musegan::Profile example_profile(bool is_gpu = false) {
    musegan::Profile profile{
        .machine = is_gpu ? "NVIDIA H200, 139.8 GiB" : "Intel Xeon, 2 threads, 23.5 GiB",
        .device = is_gpu ? "cuda:0" : "cpu",
        .precision = is_gpu ? "tf32" : "f32",
        .clock = is_gpu ? "CUDA events" : "CPU clock",
        .note = is_gpu ? "CUPTI: not in this build" : "",
        .threads = 2,
        .work = {{"preset", "paper"},
                 {"model", "composer"},
                 {"steps per beat", "24"},
                 {"width", is_gpu ? "1" : "0.25"}},
        .how = {{"fusion", "automatic"}, {"passes", "scores_together"}},
        .forward_flops = is_gpu ? 74.1e9 : 2.31e9,
        .has_penalty = true,
        .batch = is_gpu ? 64 : 8,
        .critic_steps = 5,
        .roofs =
            is_gpu ? tensor::Roofs{.f32_gflops = 50'700, .tf32_gflops = 360'000, .copy_gb_s = 4310, .start_ms = 0.0021}
                   : tensor::Roofs{.f32_gflops = 112,
                                   .tf32_gflops = 0,
                                   .copy_gb_s = 21.3,
                                   .caches = {{1 << 19, 88.1}, {1 << 22, 47.5}, {1 << 26, 24.2}},
                                   .start_ms = 0.0011},
        .critic_ms = {},
        .generator_ms = {},
        .observed_critic_ms = {},
        .observed_generator_ms = {},
        .rows = {},
        .timeline = {},
        .memory = {.weights = 5'632'000,
                   .moments = 11'264'000,
                   .data = 41'300'000,
                   .activations = 612'000'000,
                   .masks = 19'400'000,
                   .workspace = 151'000'000},
    };
    std::vector<std::vector<musegan::ProfileSpan>> rounds;
    for (unsigned round = 0; round < 5; ++round) {
        rounds.push_back(detail::example_round(is_gpu, round));
        double critic = 0, end = 0;
        for (const musegan::ProfileSpan& span : rounds.back()) {
            end = std::max(end, span.start + span.milliseconds);
            if (span.words.update == "critic") critic = end;
        }
        profile.observed_critic_ms.push_back(critic);
        profile.observed_generator_ms.push_back(end - critic);
        profile.critic_ms.push_back(critic * 0.985);
        profile.generator_ms.push_back((end - critic) * 0.985);
    }
    profile.rows = musegan::rows_of(rounds);
    profile.timeline = std::move(rounds.back());
    return profile;
}

}  // namespace support
