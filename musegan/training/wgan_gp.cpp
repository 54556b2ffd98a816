#include "musegan/training/wgan_gp.hpp"

#include <array>
#include <optional>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/norm.hpp"
#include "musegan/training/phases.hpp"
#include "tensor/backend.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/interpolate.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/reduce.hpp"
#include "tensor/scope.hpp"

namespace musegan {

namespace {

/// One for each parameter that a loss depends on.
using Gradients = std::vector<std::optional<Variable>>;

/// Gradients for a fixed list of parameters, summed over several losses.
class GradientSum {
  public:
    explicit GradientSum(const layers::Parameters& parameters)
        : variables_(parameters.variables()), sums_(variables_.size()) {}

    Gradients of(const Variable& loss) const { return autograd::grad(std::span(&loss, 1), variables_); }
    void add(const Variable& loss) { add(of(loss)); }
    /// Of the sum of <values[k], cotangents[k]>.
    void add(std::span<const Variable> values, std::span<const Variable> cotangents) {
        add(autograd::grad(values, variables_, cotangents));
    }
    void add(const Gradients& gradients) {
        for (std::size_t i = 0; i < sums_.size(); ++i)
            if (gradients[i]) sums_[i].add_term(*gradients[i], false);
    }

    /// A parameter that no loss depends on has gradient zero.
    std::vector<Tensor> take() {
        std::vector<Tensor> tensors;
        for (std::size_t i = 0; i < sums_.size(); ++i) {
            const Tensor& weight = variables_[i].value();
            tensors.push_back(sums_[i].value().defined()
                                  ? sums_[i].value().value()
                                  : Tensor::zeros(weight.shape(), weight.dtype(), weight.device()));
        }
        sums_.clear();
        return tensors;
    }

  private:
    std::vector<Variable> variables_;
    std::vector<autograd::CotangentSum> sums_;
};

/// ||grad by `input` of scores||_2 of each phrase. Each score may depend on its own phrase of `input` alone.
Variable slopes_of(const Variable& scores, const Variable& input) {
    const tensor::PhaseScope phase(phases::penalty_slopes);
    const Variable gradient = autograd::grad(autograd::sum(scores), input, {.create_graph = true});
    return autograd::norm(gradient, slope_epsilon);
}

}  // namespace

Variable critic_slopes(const Critic& critic, const Tensor& interpolated) {
    const Variable input(interpolated, true);
    const tensor::PhaseScope phase(phases::forward_interpolated);
    return slopes_of(critic(input), input);
}

Tensor CriticBatch::interpolated() const { return tensor::interpolate(real, fake, alpha); }

void CriticBatch::validate() const {
    for (const Tensor* tensor : {&real, &fake, &alpha}) tensor->require_defined("critic_gradients");
    if (real.shape() != fake.shape())
        tensor::fail("critic_gradients", "real phrases are {}, generated ones {}, expected equal shapes",
                     real.shape().to_string(), fake.shape().to_string());
    if (alpha.shape() != tensor::Shape{phrases()})
        tensor::fail("critic_gradients", "alpha is {}, expected [{}], one number per phrase", alpha.shape().to_string(),
                     phrases());
}

namespace {

Variable penalty_of(const Variable& slopes, const Objective& objective) {
    const tensor::PhaseScope phase(phases::penalty_slopes);
    return gradient_penalty(slopes, objective);
}

/// What the terms of the critic loss add to.
struct CriticTerms {
    GradientSum sum;
    CriticGradients result;

    /// For the scores of N generated phrases and then N real ones.
    void add_scores(Loss loss, const Variable& scores) {
        const Tensor& values = scores.value();
        const std::int64_t count = values.shape()[0] / 2;
        const Variable fake(values.rows(0, count), true), real(values.rows(count, 2 * count), true);
        const Variable of_fake = fake_loss(loss, fake), of_real = real_loss(loss, real);
        keep(loss, fake.value(), real.value(), of_fake.value(), of_real.value());
        const tensor::PhaseScope phase(phases::backward_scores);
        const Variable cotangents(tensor::concat(
            std::array{autograd::grad(of_fake, fake).value(), autograd::grad(of_real, real).value()}, 0));
        sum.add(std::span(&scores, 1), std::span(&cotangents, 1));
    }

    /// The numbers that are reported of scores. Wasserstein's losses are the mean scores.
    void keep(Loss loss, const Tensor& fake, const Tensor& real, const Tensor& of_fake, const Tensor& of_real) {
        if (loss == Loss::wasserstein) {
            result.fake_score = of_fake;
            result.real_score = tensor::negate(of_real);
            return;
        }
        const double share = 1.0 / static_cast<double>(fake.elements());
        const auto mean = [&](const Tensor& scores) { return tensor::affine(tensor::sum(scores), share, 0.0); };
        result.fake_score = mean(fake);
        result.real_score = mean(real);
        result.score_loss = tensor::add(of_fake, of_real);
    }

    /// Leaves the sum as it is.
    Gradients penalty_gradients(const Variable& slopes, const Objective& objective) {
        const Variable penalty = penalty_of(slopes, objective);
        result.slopes = slopes.value();
        result.penalty = penalty.value();
        const tensor::PhaseScope phase(phases::penalty_backward);
        return sum.of(penalty);
    }

    void add_penalty(const Gradients& gradients) {
        const tensor::PhaseScope phase(phases::penalty_backward);
        sum.add(gradients);
    }
};

void add_scores_in_turn(const Critic& critic, const CriticBatch& batch, Loss loss, CriticTerms& terms) {
    Tensor fake, of_fake;
    {
        const tensor::PhaseScope forward(phases::forward_fake);
        const Variable scores = critic(Variable(batch.fake)), term = fake_loss(loss, scores);
        fake = scores.value();
        of_fake = term.value();
        const tensor::PhaseScope backward(phases::backward_fake);
        terms.sum.add(term);
    }
    const tensor::PhaseScope forward(phases::forward_real);
    const Variable scores = critic(Variable(batch.real)), term = real_loss(loss, scores);
    {
        const tensor::PhaseScope backward(phases::backward_real);
        terms.sum.add(term);
    }
    terms.keep(loss, fake, scores.value(), of_fake, term.value());
}

void add_scores_together(const Critic& critic, const CriticBatch& batch, Loss loss, CriticTerms& terms) {
    const tensor::PhaseScope phase(phases::forward_scores);
    terms.add_scores(loss, critic(Variable(tensor::concat(std::array{batch.fake, batch.real}, 0))));
}

/// Adds the terms of the scores, from a forward pass that the slopes share, and returns the slopes. Until the penalty
/// has gone backward they keep that pass's masks alive, and x for the fused pair of layers.
Variable add_scores_beside_slopes(const Critic& critic, const CriticBatch& batch, Loss loss, CriticTerms& terms) {
    const std::array<Batch::Part, 2> parts{{{2 * batch.phrases(), false}, {batch.phrases(), true}}};
    const tensor::PhaseScope phase(phases::forward_all);
    const Batch phrases(tensor::concat(std::array{batch.fake, batch.real, batch.interpolated()}, 0), parts);
    const Batch scores = critic(phrases);
    terms.add_scores(loss, scores[0]);
    return slopes_of(scores[1], phrases[1]);
}

/// Adds the terms of the scores, and those of the penalty, which needs nothing of them but the critic: two chains of
/// operators that a device may run at the same time. The penalty's gradients are added last, so the sums are the same
/// either way.
void add_scores_and_penalty(const Critic& critic, const CriticBatch& batch, const Objective& objective,
                            CriticPasses passes, CriticTerms& terms) {
    const auto scores = [&] {
        if (passes == CriticPasses::scores_together) add_scores_together(critic, batch, objective.loss, terms);
        else add_scores_in_turn(critic, batch, objective.loss, terms);
    };
    if (!objective.has_penalty()) return scores();
    Gradients of_penalty;
    const auto penalty = [&] {
        const tensor::PhaseScope phase(phases::forward_interpolated);
        of_penalty = terms.penalty_gradients(critic_slopes(critic, batch.interpolated()), objective);
    };
    if (critic.has_batch_norm()) {  // whose running statistics both would move
        scores();
        penalty();
    } else {
        tensor::backend(batch.real.device()).side_by_side(scores, penalty);
    }
    terms.add_penalty(of_penalty);
}

}  // namespace

CriticPasses preferred_passes(const Critic& critic, std::int64_t phrases, tensor::Device device) {
    // A pass of so many FLOPs takes some 0.2 ms on a large GPU; the ten launches that it can share take a tenth of
    // that.
    constexpr double few_flops = 2e10;
    // On a CPU phrases of two kinds share what an operator costs by itself, a few microseconds; what a larger pass does
    // to the caches costs more.
    constexpr double few_flops_of_cpu = 5e8;
    if (critic.has_batch_norm()) return CriticPasses::in_turn;
    if (!tensor::backend(device).facts().prefers_few_launches)
        return critic.flops(phrases) < few_flops_of_cpu ? CriticPasses::scores_together : CriticPasses::in_turn;
    return critic.takes_parts() && critic.flops(phrases) < few_flops ? CriticPasses::all_together
                                                                     : CriticPasses::scores_together;
}

CriticGradients critic_gradients(const Critic& critic, const CriticBatch& batch, const Objective& objective,
                                 CriticPasses passes) {
    batch.validate();
    if (passes == CriticPasses::preferred) passes = preferred_passes(critic, batch.phrases(), batch.real.device());
    if (passes == CriticPasses::all_together && !objective.has_penalty()) passes = CriticPasses::scores_together;
    CriticTerms terms{GradientSum(critic.parameters()), {}};
    if (passes == CriticPasses::all_together) {
        const Variable slopes = add_scores_beside_slopes(critic, batch, objective.loss, terms);
        terms.add_penalty(terms.penalty_gradients(slopes, objective));
    } else {
        add_scores_and_penalty(critic, batch, objective, passes, terms);
    }
    terms.result.gradients = terms.sum.take();
    return std::move(terms.result);
}

layers::Parameters trained_parameters(const Model& model, bool is_frozen) {
    return is_frozen ? model.refiner_parameters() : model.parameters();
}

GeneratorGradients generator_gradients(const Model& model, std::span<const Critic> critics, const Latents& latents,
                                       const Tensor& given, Loss loss, const Pass& pass) {
    const tensor::PhaseScope forward(phases::generator_forward);
    const Variable phrases = model(latents, given, pass);
    GeneratorGradients result;
    std::vector<Variable> seen, cotangents;
    for (const Critic& critic : critics) {
        seen.push_back(critic.seen(phrases));
        const Variable leaf(seen.back().value(), true);
        const tensor::PhaseScope judged(phases::forward_fake);
        const Variable lost = generator_loss(loss, critic(leaf));
        const tensor::PhaseScope backward(phases::backward_fake);
        cotangents.push_back(autograd::grad(lost, leaf));
        result.losses.push_back(lost.value());
    }
    const tensor::PhaseScope backward(phases::generator_backward);
    GradientSum sum(trained_parameters(model, pass.is_frozen));
    sum.add(seen, cotangents);
    result.gradients = sum.take();
    return result;
}

}  // namespace musegan
