// WGAN-GP: the losses, and their gradients for the critic and the generator.
// Gulrajani, Ahmed, Arjovsky, Dumoulin, Courville: "Improved training of Wasserstein GANs", NeurIPS 2017, eq. 3.
//
//     critic loss     E D(G(z)) - E D(x) + lambda E (||grad D(x^)||_2 - 1)^2,   x^ = x + a (G(z) - x),  a ~ U[0, 1)
//     generator loss  -E D(G(z)), summed over the critics
//
// A model with a critic per track has such a pair of losses per track, each of its own track of x and G(z) and with its
// own a. Other losses of the scores, a penalty of one side or none are a value, Objective (losses.hpp); all that stands
// here stays.
//
// The norm is taken over a whole phrase, with 1e-8 under the root so that its derivative exists at zero. The gradient
// of the penalty by the critic's weights is a gradient of a gradient; autograd/README.md derives it.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "musegan/networks/critic.hpp"
#include "musegan/networks/model.hpp"
#include "musegan/training/losses.hpp"

namespace musegan {

inline constexpr double slope_epsilon = 1e-8;

/// ||grad D(x^)||_2 of each of N phrases `interpolated` [N, T, P, M, 1]: slopes [N], differentiable with respect to the
/// critic's parameters.
Variable critic_slopes(const Critic& critic, const Tensor& interpolated);

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
    Tensor score_loss;  ///< fake_loss + real_loss, scalar; no value for Wasserstein's: fake_score - real_score
    Tensor penalty;     ///< with its weight, scalar; no value without a penalty
    Tensor slopes;      ///< [N]; likewise
};

/// How the critic sees real, generated and interpolated phrases. If it has no batch norm, the values are the same in
/// all three, and the gradients are the same sums in another order.
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
/// in_turn for a critic with batch norm, and where starting an operator costs less than its memory
/// (DeviceFacts::prefers_few_launches is false), unless a pass is so short that starting counts there too: then
/// scores_together. Where starting costs more: all_together for so few phrases that it counts, if the critic takes a
/// batch in parts, and scores_together for more.
CriticPasses preferred_passes(const Critic& critic, std::int64_t phrases, tensor::Device device);

/// Gradients of the critic loss by the critic's parameters. The terms go backward one after the other, the penalty last
/// (or beside the others, where Backend::side_by_side does that; not with all_together, nor with batch norm, whose
/// statistics all of them move); their gradients add up to the gradient of the sum, in the same order everywhere.
/// Nothing is changed but the running statistics of a critic with batch norm. Throws Error for a batch whose shapes do
/// not agree.
CriticGradients critic_gradients(const Critic& critic, const CriticBatch& batch, const Objective& objective = {},
                                 CriticPasses passes = CriticPasses::in_turn);

/// What a generator update leaves.
struct GeneratorGradients {
    std::vector<Tensor> gradients;  ///< one per trained parameter of the model, in the parameters' order
    std::vector<Tensor> losses;     ///< generator_loss by each critic, scalars
};

/// Gradients of the generator loss, summed over the critics, for N = latents' phrases; nothing is computed for the
/// critics' parameters. The critics go backward one after the other, down to the phrases, with one graph alive at a
/// time; the model then once for all. In training mode its batch norms take the statistics of this batch, and their
/// running statistics move by one step. Of a frozen model (Pass) the refiners alone are trained.
GeneratorGradients generator_gradients(const Model& model, std::span<const Critic> critics, const Latents& latents,
                                       const Tensor& given, Loss loss = Loss::wasserstein,
                                       const Pass& pass = Mode::training);
/// The parameters of a model that training changes.
layers::Parameters trained_parameters(const Model& model, bool is_frozen);

}  // namespace musegan
