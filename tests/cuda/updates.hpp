// Updates on a device in numbers that can be compared.
#pragma once

#include <vector>

#include "musegan/training/training.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"

namespace support {

inline musegan::TrainingSettings settings_on(tensor::Device device, tensor::DType dtype,
                                             int steps_per_beat = musegan::PhraseShape::finest) {
    musegan::TrainingSettings settings = small_settings(steps_per_beat);
    settings.device = device;
    settings.dtype = dtype;
    return settings;
}

/// Every number that a run leaves: losses of each step, then all parameters, statistics and moments.
inline std::vector<double> numbers_after(const musegan::TrainingSettings& settings, int steps,
                                         const tensor::Tensor& phrases) {
    musegan::Training training(settings, phrases.to(settings.device));
    std::vector<double> numbers;
    for (int i = 0; i < steps; ++i) {
        const musegan::StepReport report = training.step();
        for (const musegan::CriticReport& row : report.critics)
            numbers.insert(numbers.end(), {row.critic_loss(), row.real_score, row.fake_score, row.penalty,
                                           row.slope_mean, row.generator_loss});
    }
    const std::vector<double> state = state_values<double>(training);
    numbers.insert(numbers.end(), state.begin(), state.end());
    return numbers;
}

inline std::vector<double> numbers_after(const musegan::TrainingSettings& settings, int steps) {
    return numbers_after(settings, steps, small_phrases(settings.model.shape.steps_per_beat));
}

}  // namespace support
