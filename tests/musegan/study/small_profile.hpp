// A profile of few rows in whole numbers, so that all that follows from it is exact.
#pragma once

#include "musegan/study/profile.hpp"

namespace study_tests {

/// Roofs of 100 GFLOP/s and 10 GB/s: 1e8 FLOPs or 1e7 bytes take a millisecond. Two rounds, and three where it matters.
inline musegan::Profile small_profile() {
    musegan::Profile profile{
        .machine = "two cores",
        .device = "cpu",
        .precision = "f32",
        .clock = "CPU clock",
        .note = "",
        .threads = 2,
        .work = {{"model", "composer"}, {"batch", "8"}},
        .how = {{"passes", "in_turn"}},
        .forward_flops = 1e8,
        .has_penalty = true,
        .batch = 8,
        .critic_steps = 5,
        .roofs = {.f32_gflops = 100, .copy_gb_s = 10, .start_ms = 0.5},
        .critic_ms = {50, 52, 51},
        .generator_ms = {20, 20, 23},
        .observed_critic_ms = {51, 53, 52},
        .observed_generator_ms = {20, 21, 23},
        .memory = {.weights = 1, .moments = 2, .data = 4, .activations = 8, .masks = 16, .workspace = 32}};
    const auto row = [&](const char* update, const char* phase, const char* layer, const char* operation,
                         std::int64_t calls, double flops, double bytes, double milliseconds) {
        profile.rows.push_back(
            {.words = {.update = update, .phase = phase, .layer = layer, .operation = operation, .kernel = operation},
             .calls = calls,
             .flops = flops,
             .bytes = bytes,
             .rounds = {milliseconds, milliseconds + 1, milliseconds - 1},
             .least = 1,
             .most = milliseconds + 1});
    };
    row("critic", "critic forward, fake", "critic.conv1", "conv3d", 1, 1e8, 1e6, 4);
    row("critic", "critic forward, real", "critic.conv1", "conv3d", 1, 1e8, 1e6, 4);
    row("critic", "critic backward, fake", "critic.conv1", "conv3d_weight_gradient", 1, 2e8, 1e6, 8);
    row("critic", "critic backward, real", "critic.conv1", "conv3d_weight_gradient", 1, 2e8, 1e6, 8);
    row("critic", "critic forward, interpolated", "critic.conv1", "conv3d", 1, 1e8, 1e6, 5);
    row("critic", "penalty slopes", "critic.conv1", "conv3d_input_gradient", 1, 1e8, 1e6, 3);
    row("critic", "penalty backward", "critic.conv1", "conv3d_weight_gradient", 2, 2e8, 1e6, 8);
    row("critic", "critic Adam", "", "adam", 1, 0, 6e7, 10);
    row("generator", "generator forward", "generator.dense", "matmul_nn", 8, 1e6, 1e4, 9);
    row("generator", "generator backward", "generator.dense", "conv3d_weight_gradient", 1, 1e8, 1e6, 2);
    musegan::sort_rows(profile.rows);
    return profile;
}

}  // namespace study_tests
