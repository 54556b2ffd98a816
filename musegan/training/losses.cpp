#include "musegan/training/losses.hpp"

#include "autograd/elementwise.hpp"

namespace musegan {

using autograd::Variable;

Variable fake_loss(Loss loss, const Variable& scores) {
    switch (loss) {
        case Loss::hinge: return autograd::mean(autograd::relu(autograd::affine(scores, 1.0, 1.0)));
        case Loss::non_saturating: return autograd::mean(autograd::softplus(scores));
        case Loss::wasserstein: break;
    }
    return autograd::mean(scores);
}

Variable real_loss(Loss loss, const Variable& scores) {
    switch (loss) {
        case Loss::hinge: return autograd::mean(autograd::relu(autograd::affine(scores, -1.0, 1.0)));
        case Loss::non_saturating: return autograd::mean(autograd::softplus(autograd::negate(scores)));
        case Loss::wasserstein: break;
    }
    return autograd::negate(autograd::mean(scores));
}

Variable generator_loss(Loss loss, const Variable& scores) {
    if (loss == Loss::non_saturating) return autograd::mean(autograd::softplus(autograd::negate(scores)));
    return autograd::negate(autograd::mean(scores));
}

Variable gradient_penalty(const Variable& slopes, const Objective& objective) {
    Variable excess = autograd::affine(slopes, 1.0, -1.0);
    if (objective.penalty_sides == PenaltySides::one) excess = autograd::relu(excess);
    return autograd::scale(autograd::mean(autograd::square(excess)), objective.penalty_weight);
}

}  // namespace musegan
