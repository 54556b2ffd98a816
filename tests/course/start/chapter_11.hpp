// Chapter 11: MuseGAN's own critic. The tests are in tests/course/chapter_11_test.cpp, in the program course_critic.
#pragma once

#include <vector>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/rearrange.hpp"
#include "musegan/networks/critic.hpp"
#include "tensor/interpolate.hpp"

namespace course {

using autograd::Variable;
using musegan::Critic;
using tensor::Tensor;

/// 11.1. The gradients, one per parameter of the critic and in their order (critic.parameters().variables()), of
///
///     mean D(fake) - mean D(real) + lambda mean (s - 1)^2,    s as in 6.3, at x^ = real + alpha (fake - real)
///
/// for phrases real and fake [N, T, P, M, 1] and alpha [N]. critic(Variable) gives scores [N]; tensor::interpolate
/// gives x^. A parameter that no path leads to has a gradient of zeros. musegan/training/wgan_gp.cpp does the same,
/// with less memory: write it in the way that is nearest to the formula.
inline std::vector<Tensor> critic_gradients(const Critic& critic, const Tensor& real, const Tensor& fake,
                                            const Tensor& alpha, double lambda) {
    return {};
}

/// 11.2. The config with another activation in every row of its critic's tables that has one
/// (ModelConfig::preset, musegan/networks/preset.hpp). The rows of the generator stay.
inline musegan::ModelConfig with_activation(musegan::ModelConfig config, layers::Activation activation) {
    return config;
}

/// 11.3. Weights start with a deviation of 0.02. In a narrow critic of eight layers that leaves next to nothing of a
/// gradient: |g| is far below 10^-4. What do a run's first lines say of the slope, and of the penalty with lambda = 10?
/// (Four digits. The first trap of chapter 9 is the first thing that training shows.)
struct FirstSteps {
    double slope = 0, penalty = 0;
};
inline FirstSteps first_steps() { return {0.0, 10.0}; }

}  // namespace course
