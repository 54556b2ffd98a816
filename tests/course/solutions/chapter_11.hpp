// Chapter 11: MuseGAN's own critic.
#pragma once

#include <vector>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/rearrange.hpp"
#include "musegan/networks/critic.hpp"
#include "tensor/interpolate.hpp"

namespace course {

using musegan::Critic;
using tensor::Tensor;

/// 11.1. One loss, one sweep. The house goes backward term by term instead, so that one graph is alive at a time.
inline std::vector<Tensor> critic_gradients(const Critic& critic, const Tensor& real, const Tensor& fake,
                                            const Tensor& alpha, double lambda) {
    using namespace autograd;
    const auto scores = [&](const Variable& phrases) -> Variable { return critic(phrases); };
    const Variable between(tensor::interpolate(real, fake, alpha), true);
    const Variable g = grad(sum(scores(between)), between, {.create_graph = true});
    const std::int64_t n = real.shape()[0];
    const Variable rows = reshape(g, {n, real.shape().elements() / n});
    const Variable slopes = square_root(affine(sum_to(square(rows), {n, 1}), 1.0, 1e-8));
    const Variable penalty = scale(mean(square(affine(slopes, 1.0, -1.0))), lambda);
    const Variable loss = add(subtract(mean(scores(Variable(fake))), mean(scores(Variable(real)))), penalty);

    const std::vector<Variable> parameters = critic.parameters().variables();
    const auto found = grad(std::span(&loss, 1), parameters);
    std::vector<Tensor> gradients;
    for (std::size_t i = 0; i < parameters.size(); ++i)
        gradients.push_back(found[i] ? found[i]->value()
                                     : Tensor::zeros(parameters[i].shape(), real.dtype(), real.device()));
    return gradients;
}

/// 11.2. A network is data: no code of the critic changes. The row without an activation is the score's.
inline musegan::ModelConfig with_activation(musegan::ModelConfig config, layers::Activation activation) {
    for (musegan::PresetPart& part : config.preset.critic)
        for (musegan::PresetRow& row : part.rows)
            if (row.activation != layers::Activation::none) row.activation = activation;
    return config;
}

/// 11.3. s = sqrt(10^-8 + |g|^2) cannot fall below 10^-4, so a slope of 0.0001 means "too small to tell", and the
/// penalty is 10 (10^-4 - 1)^2 = 9.998.
struct FirstSteps {
    double slope = 0, penalty = 0;
};
inline FirstSteps first_steps() { return {1e-4, 9.998}; }

}  // namespace course
