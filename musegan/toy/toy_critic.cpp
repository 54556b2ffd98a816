#include "musegan/toy/toy_critic.hpp"

#include <optional>
#include <span>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/norm.hpp"
#include "tensor/interpolate.hpp"

namespace musegan {

using layers::Variable;
using tensor::Tensor;

Tensor ToyBatch::penalised(PenaltyPlace place) const {
    switch (place) {
        case PenaltyPlace::real: return real;
        case PenaltyPlace::fake: return fake;
        case PenaltyPlace::interpolated: break;
    }
    return tensor::interpolate(real, fake, alpha);
}

Variable slopes_at(const PlaneNetwork& critic, const Tensor& points, double epsilon, bool create_graph) {
    const Variable input(points, true);
    const Variable gradient = autograd::grad(autograd::sum(critic(input)), input, {.create_graph = create_graph});
    return autograd::norm(gradient, epsilon);
}

ToyTerms critic_terms(const PlaneNetwork& critic, const ToyBatch& batch, const ToySettings& settings) {
    const Loss loss = settings.objective.loss;
    ToyTerms terms;
    terms.loss =
        autograd::add(fake_loss(loss, critic(Variable(batch.fake))), real_loss(loss, critic(Variable(batch.real))));
    terms.estimate = autograd::negate(terms.loss).detach();
    const bool has_penalty = settings.constraint == ToyConstraint::penalty || settings.constraint == ToyConstraint::cut;
    if (!has_penalty) return terms;
    terms.slopes = slopes_at(critic, batch.penalised(settings.penalty_at), settings.slope_epsilon,
                             settings.constraint == ToyConstraint::penalty);
    terms.penalty = gradient_penalty(terms.slopes, settings.objective);
    terms.loss = autograd::add(terms.loss, terms.penalty);
    return terms;
}

std::vector<Tensor> gradients_of(const Variable& loss, const PlaneNetwork& network) {
    const std::vector<Variable> variables = network.parameters().variables();
    const auto gradients = autograd::grad(std::span(&loss, 1), variables);
    std::vector<Tensor> tensors;
    for (std::size_t i = 0; i < variables.size(); ++i) {
        const Tensor& weight = variables[i].value();
        tensors.push_back(gradients[i] ? gradients[i]->value()
                                       : Tensor::zeros(weight.shape(), weight.dtype(), weight.device()));
    }
    return tensors;
}

}  // namespace musegan
