// The derivative of the gradient penalty P by the critic's weights w along a direction v, in four ways:
//
//     reverse over reverse    <dP/dw, v>, from the gradient that training uses: one sweep gives g = grad D, a second
//     one
//                             dP/dw for all weights at once
//     forward over reverse    <dP/dg, g'>, with g' = d/dt g(w + t v), the tangent of the gradient
//     complex step            Im P(w + i h v) / h on the reference device
//     differences             (8 (P(h) - P(-h)) - (P(2h) - P(-2h))) / 12 h, with P(t) short for P(w + t v)
//
// The first three are exact to rounding. The tangent g' is taken by reverse sweeps alone: z(c) = <dg/dw, c> is linear
// in the cotangent c, so <z(c), v> differentiated by c is <dg/dw, v> = g'. Forward rules, one more per operator, would
// take half the arithmetic; this way needs no rule that training has not already proved.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "musegan/study/explanation.hpp"
#include "musegan/study/explanation_run.hpp"
#include "musegan/training/losses.hpp"

namespace musegan {

/// d/dt of grad D(x^; w + t v) at t = 0, like x^: the tangent of the gradient. `directions` are as many as the critic's
/// parameters and of their shapes; one without a value is zero.
Tensor gradient_tangent(const Critic& critic, const Tensor& interpolated, std::span<const Tensor> directions);

/// P at x^.
Variable penalty_at(const Critic& critic, const Tensor& interpolated, const Objective& objective);
/// dP/dw, one per parameter; no value where no path leads.
std::vector<Tensor> penalty_gradients(const Critic& critic, const Tensor& interpolated, const Objective& objective);

/// The values of a critic's parameters, which share the live storage.
std::vector<Tensor> values_of(const Critic& critic);

/// w + i h v in the parameters of a critic on the reference device, for its own lifetime; then `weights` without a
/// direction again. A direction without a value leaves its parameter as it is.
class DirectedWeights {
  public:
    DirectedWeights(const Critic& reference, std::span<const Tensor> weights, std::span<const Tensor> directions);
    ~DirectedWeights();
    DirectedWeights(const DirectedWeights&) = delete;
    DirectedWeights& operator=(const DirectedWeights&) = delete;

  private:
    std::vector<Tensor> live_, weights_;
    std::vector<bool> moves_;
};

/// The critic once more on the reference device, with the weights of `what`.
Critic reference_critic(const ExplainedCritic& what);

/// All four ways: along every single weight where there are at most this many, else along one random direction per
/// parameter that a path leads to, and one of all together.
inline constexpr std::int64_t most_single_weights = 300;
/// A difference that changes a mask however short its step is, or that is below the rounding of P, is not a number, and
/// counted in the text.
ExplainedWays compare_ways(const ExplainedCritic& what, const Tensor& interpolated, const Objective& objective,
                           const ExplainOptions& options);

}  // namespace musegan
