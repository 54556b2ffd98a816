// The critic's loss on points, and its gradients, for each way to hold its slope. The same losses as
// training/wgan_gp.hpp, written as one composition of operators.
#pragma once

#include <vector>

#include "musegan/toy/plane_network.hpp"

namespace musegan {

/// What the critic sees in an update.
struct ToyBatch {
    tensor::Tensor real;   ///< x, [N, 2]
    tensor::Tensor fake;   ///< of the same shape
    tensor::Tensor alpha;  ///< a, [N], for points in between

    /// Where slopes are taken: x + a (fake - x), x, or fake.
    tensor::Tensor penalised(PenaltyPlace place) const;
};

/// ||grad D||_2 at each of N points, [N]. With `create_graph` it can be differentiated by the critic's parameters;
/// without, it is a constant. With batch norm it is what the gradient of the sum of scores says, as in every program
/// that computes the penalty (row_error.hpp).
layers::Variable slopes_at(const PlaneNetwork& critic, const tensor::Tensor& points, double epsilon, bool create_graph);

/// The terms of the loss -estimate + penalty, of which `loss` is the sum.
struct ToyTerms {
    layers::Variable estimate;  ///< E D(x) - E D(fake), scalar
    layers::Variable slopes;    ///< [N]; no value where the constraint has no penalty
    layers::Variable penalty;   ///< gradient_penalty of the slopes, scalar; likewise
    layers::Variable loss;      ///< scalar
};
ToyTerms critic_terms(const PlaneNetwork& critic, const ToyBatch& batch, const ToySettings& settings);

/// Gradients of a loss by the parameters of a network, in their order; zeros where none leads there.
std::vector<tensor::Tensor> gradients_of(const layers::Variable& loss, const PlaneNetwork& network);

}  // namespace musegan
