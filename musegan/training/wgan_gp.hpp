// WGAN-GP: the losses, and their gradients for the critic and the generator.
// Gulrajani, Ahmed, Arjovsky, Dumoulin, Courville: "Improved training of Wasserstein GANs", NeurIPS 2017, eq. 3.
//
//     critic loss     E D(G(z)) - E D(x) + lambda E (||grad D(x^)||_2 - 1)^2,   x^ = x + a (G(z) - x),  a ~ U[0, 1)
//     generator loss  -E D(G(z)), summed over the critics
//
// A model with a critic per track has such a pair of losses per track, each of its own track of x and G(z) and with its
// own a.
//
// The norm is taken over a whole phrase, with 1e-8 under the root so that its derivative exists at zero. The gradient
// of the penalty by the critic's weights is a gradient of a gradient; autograd/README.md derives it.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "musegan/networks/critic.hpp"
#include "musegan/networks/model.hpp"

namespace musegan {

inline constexpr double penalty_weight = 10.0;
inline constexpr double slope_epsilon = 1e-8;

/// fake_score - real_score + penalty: the critic loss from its terms.
inline double critic_loss(double fake_score, double real_score, double penalty) {
    return fake_score - real_score + penalty;
}

/// ||grad D(x^)||_2 of each of N phrases `interpolated` [N, T, P, M, 1]: slopes [N], differentiable with respect to the
/// critic's parameters.
Variable critic_slopes(const Critic& critic, const Tensor& interpolated);
/// weight * mean over phrases of (slope - 1)^2, a scalar, of slopes [N].
Variable gradient_penalty(const Variable& slopes, double weight);

/// What the critic sees in an update: N phrases of each kind.
struct CriticBatch {
    Tensor real;   ///< x, [N, T, P, M, 1]
    Tensor fake;   ///< G(z), of the same shape
    Tensor alpha;  ///< a, [N]

    std::int64_t phrases() const { return real.shape()[0]; }
    /// x^ = x + a (G(z) - x), each phrase with its own a.
    Tensor interpolated() const;
    /// The tracks that a critic sees.
    CriticBatch seen_by(const Critic& critic) const { return {critic.seen(real), critic.seen(fake), alpha}; }
    /// Throws Error unless the shapes agree.
    void validate() const;
};

/// What a critic update leaves: the terms of the loss and one gradient per parameter of the critic, in the parameters'
/// order. All on the device.
struct CriticGradients {
    std::vector<Tensor> gradients;
    Tensor fake_score;  ///< E D(G(z)), scalar
    Tensor real_score;  ///< E D(x), scalar
    Tensor penalty;     ///< with its weight, scalar
    Tensor slopes;      ///< [N]
};

/// How the critic sees real, generated and interpolated phrases. The critic has no batch norm, so the values are the
/// same in all three, and the gradients are the same sums in another order.
enum class CriticPasses {
    preferred,        ///< what preferred_passes says for the batch and its device
    in_turn,          ///< one batch after the other, with one graph alive at a time
    scores_together,  ///< real and generated phrases as one batch of 2 N: half the launches of their terms
    all_together  ///< one forward pass for 3 N, differentiated in two parts (autograd/batch.hpp): the fewest launches,
                  ///< and the outputs of all of them in memory at once
};
constexpr auto enum_names(CriticPasses) {
    return std::array{"preferred", "in_turn", "scores_together", "all_together"};
}
/// in_turn where starting an operator costs less than its memory (DeviceFacts::prefers_few_launches). Otherwise
/// all_together for so few phrases that launches count, and scores_together for more.
CriticPasses preferred_passes(const Critic& critic, std::int64_t phrases, tensor::Device device);

/// Gradients of the critic loss by the critic's parameters. The terms go backward one after the other; their gradients
/// add up to the gradient of the sum. Nothing is changed: the critic has no running statistics, and the generator is
/// not asked. Throws Error for a batch whose shapes do not agree.
CriticGradients critic_gradients(const Critic& critic, const CriticBatch& batch, double weight = penalty_weight,
                                 CriticPasses passes = CriticPasses::in_turn);

/// What a generator update leaves.
struct GeneratorGradients {
    std::vector<Tensor> gradients;  ///< one per parameter of the model, in the parameters' order
    std::vector<Tensor> losses;     ///< -E D(G(z)) of each critic, scalars
};

/// Gradients of the generator loss, summed over the critics, for N = latents' phrases; nothing is computed for the
/// critics' parameters. The critics go backward one after the other, down to the phrases, with one graph alive at a
/// time; the model then once for all. It runs in training mode: its batch norms take the statistics of this batch, and
/// their running statistics move by one step.
GeneratorGradients generator_gradients(const Model& model, std::span<const Critic> critics, const Latents& latents,
                                       const Tensor& given);

}  // namespace musegan
