#include "musegan/training/wgan_gp.hpp"

#include <array>
#include <optional>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/norm.hpp"
#include "tensor/backend.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/interpolate.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/reduce.hpp"
#include "tensor/scope.hpp"

namespace musegan {

namespace {

/// Gradients for a fixed list of parameters, summed over several losses.
class GradientSum {
  public:
    explicit GradientSum(const layers::Parameters& parameters)
        : variables_(parameters.variables()), sums_(variables_.size()) {}

    void add(const Variable& loss) { add(autograd::grad(std::span(&loss, 1), variables_)); }
    /// Of the sum of <values[k], cotangents[k]>.
    void add(std::span<const Variable> values, std::span<const Variable> cotangents) {
        add(autograd::grad(values, variables_, cotangents));
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
    void add(const std::vector<std::optional<Variable>>& gradients) {
        for (std::size_t i = 0; i < sums_.size(); ++i)
            if (gradients[i]) sums_[i].add_term(*gradients[i], false);
    }

    std::vector<Variable> variables_;
    std::vector<autograd::CotangentSum> sums_;
};

/// ||grad by `input` of scores||_2 of each phrase. Each score may depend on its own phrase of `input` alone.
Variable slopes_of(const Variable& scores, const Variable& input) {
    const tensor::PhaseScope phase("critic penalty slopes");
    const Variable gradient = autograd::grad(autograd::sum(scores), input, {.create_graph = true});
    return autograd::norm(gradient, slope_epsilon);
}

}  // namespace

Variable critic_slopes(const Critic& critic, const Tensor& interpolated) {
    const Variable input(interpolated, true);
    return slopes_of(critic(input), input);
}

Variable gradient_penalty(const Variable& slopes, double weight) {
    return autograd::scale(autograd::mean(autograd::square(autograd::affine(slopes, 1.0, -1.0))), weight);
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

/// What the terms of the critic loss add to.
struct CriticTerms {
    GradientSum sum;
    CriticGradients result;

    /// For the scores of N generated phrases and then N real ones.
    void add_scores(const Variable& scores) {
        const Tensor& values = scores.value();
        const std::int64_t count = values.shape()[0] / 2;
        const double share = 1.0 / static_cast<double>(count);
        const auto mean = [&](std::int64_t begin) {
            return tensor::affine(tensor::sum(values.rows(begin, begin + count)), share, 0.0);
        };
        const auto constant = [&](double value) {
            return Tensor::full({count}, value, values.dtype(), values.device());
        };
        result.fake_score = mean(0);
        result.real_score = mean(count);
        const Variable shares(tensor::concat(std::array{constant(share), constant(-share)}, 0));
        sum.add(std::span(&scores, 1), std::span(&shares, 1));
    }

    void add_penalty(const Variable& slopes, double weight) {
        const Variable penalty = gradient_penalty(slopes, weight);
        result.slopes = slopes.value();
        result.penalty = penalty.value();
        const tensor::PhaseScope phase("critic penalty backward");
        sum.add(penalty);
    }
};

void add_scores_in_turn(const Critic& critic, const CriticBatch& batch, CriticTerms& terms) {
    {
        const tensor::PhaseScope phase("critic fake");
        const Variable score = autograd::mean(critic(Variable(batch.fake)));
        terms.result.fake_score = score.value();
        terms.sum.add(score);
    }
    const tensor::PhaseScope phase("critic real");
    const Variable score = autograd::mean(critic(Variable(batch.real)));
    terms.result.real_score = score.value();
    terms.sum.add(autograd::negate(score));
}

void add_scores_together(const Critic& critic, const CriticBatch& batch, CriticTerms& terms) {
    const tensor::PhaseScope phase("critic fake and real");
    terms.add_scores(critic(Variable(tensor::concat(std::array{batch.fake, batch.real}, 0))));
}

/// Adds the terms of the scores, from a forward pass that the slopes share, and returns the slopes. Until the penalty
/// has gone backward they keep that pass's masks alive, and x for the fused pair of layers.
Variable add_scores_beside_slopes(const Critic& critic, const CriticBatch& batch, CriticTerms& terms) {
    const std::array<Batch::Part, 2> parts{{{2 * batch.phrases(), false}, {batch.phrases(), true}}};
    const Batch phrases(tensor::concat(std::array{batch.fake, batch.real, batch.interpolated()}, 0), parts);
    const Batch scores = [&] {
        const tensor::PhaseScope phase("critic forward");
        return critic(phrases);
    }();
    const tensor::PhaseScope phase("critic fake and real");
    terms.add_scores(scores[0]);
    return slopes_of(scores[1], phrases[1]);
}

}  // namespace

CriticPasses preferred_passes(const Critic& critic, std::int64_t phrases, tensor::Device device) {
    // A pass of so many FLOPs takes some 0.2 ms on a large GPU; the ten launches that it can share take a tenth of
    // that.
    constexpr double few_flops = 2e10;
    if (!tensor::backend(device).facts().prefers_few_launches) return CriticPasses::in_turn;
    return critic.flops(phrases) < few_flops ? CriticPasses::all_together : CriticPasses::scores_together;
}

CriticGradients critic_gradients(const Critic& critic, const CriticBatch& batch, double weight, CriticPasses passes) {
    batch.validate();
    if (passes == CriticPasses::preferred) passes = preferred_passes(critic, batch.phrases(), batch.real.device());
    CriticTerms terms{GradientSum(critic.parameters()), {}};
    if (passes == CriticPasses::all_together) {
        terms.add_penalty(add_scores_beside_slopes(critic, batch, terms), weight);
    } else {
        if (passes == CriticPasses::scores_together) add_scores_together(critic, batch, terms);
        else add_scores_in_turn(critic, batch, terms);
        const tensor::PhaseScope phase("critic penalty forward");
        terms.add_penalty(critic_slopes(critic, batch.interpolated()), weight);
    }
    terms.result.gradients = terms.sum.take();
    return std::move(terms.result);
}

GeneratorGradients generator_gradients(const Model& model, std::span<const Critic> critics, const Latents& latents,
                                       const Tensor& given) {
    const tensor::PhaseScope forward("generator forward");
    const Variable phrases = model(latents, given, Mode::training);
    GeneratorGradients result;
    std::vector<Variable> seen, cotangents;
    for (const Critic& critic : critics) {
        seen.push_back(critic.seen(phrases));
        const Variable leaf(seen.back().value(), true);
        const Variable loss = autograd::negate(autograd::mean(critic(leaf)));
        const tensor::PhaseScope backward("generator backward");
        cotangents.push_back(autograd::grad(loss, leaf));
        result.losses.push_back(loss.value());
    }
    const tensor::PhaseScope backward("generator backward");
    GradientSum sum(model.parameters());
    sum.add(seen, cotangents);
    result.gradients = sum.take();
    return result;
}

}  // namespace musegan
