#include "musegan/wgan_gp.hpp"

#include <array>
#include <optional>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/norm.hpp"
#include "tensor/interpolate.hpp"
#include "tensor/backend.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/place.hpp"
#include "tensor/reduce.hpp"
#include "tensor/rearrange.hpp"

namespace musegan {

namespace {

/// Gradients for a fixed list of parameters, summed over several losses.
class GradientSum {
  public:
    explicit GradientSum(const layers::Parameters& parameters)
        : variables_(parameters.variables()), sums_(variables_.size()) {}

    void add(const Variable& loss) { add(autograd::grad(std::span(&loss, 1), variables_)); }
    /// Of <values, cotangent>.
    void add(const Variable& values, const Variable& cotangent) {
        add(autograd::grad(std::span(&values, 1), variables_, std::span(&cotangent, 1)));
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

}  // namespace

namespace {

/// Of the scores of `input`, which nothing else depends on.
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

namespace {

/// What the terms of the critic loss add to.
struct CriticTerms {
    GradientSum sum;
    CriticGradients result;

    void add_penalty(const Variable& slopes, double weight) {
        const Variable penalty = gradient_penalty(slopes, weight);
        result.slopes = slopes.value();
        result.penalty = penalty.value();
        const tensor::PhaseScope phase("critic penalty backward");
        sum.add(penalty);
    }
};

/// One graph alive at a time.
void add_in_turn(const Critic& critic, const Tensor& real, const Tensor& fake, const Tensor& between, double weight,
                 CriticTerms& terms) {
    {
        const tensor::PhaseScope phase("critic fake");
        const Variable score = autograd::mean(critic(Variable(fake)));
        terms.result.fake_score = score.value();
        terms.sum.add(score);
    }
    {
        const tensor::PhaseScope phase("critic real");
        const Variable score = autograd::mean(critic(Variable(real)));
        terms.result.real_score = score.value();
        terms.sum.add(autograd::negate(score));
    }
    const tensor::PhaseScope phase("critic penalty forward");
    terms.add_penalty(critic_slopes(critic, between), weight);
}

Tensor concatenated(const std::vector<Tensor>& parts) { return tensor::concat(parts, 0); }

/// One forward pass; then real and generated phrases go back as one part, and the interpolated ones as the other.
void add_together(const Critic& critic, const Tensor& real, const Tensor& fake, const Tensor& between, double weight,
                  CriticTerms& terms) {
    const std::int64_t count = real.shape()[0];
    const double share = 1.0 / static_cast<double>(count);
    Variable slopes;
    {
        const std::array<Batch::Part, 2> parts{{{2 * count, false}, {count, true}}};
        const Batch phrases(concatenated({fake, real, between}), parts);
        const Batch scores = [&] {
            const tensor::PhaseScope phase("critic forward");
            return critic(phrases);
        }();
        const tensor::PhaseScope phase("critic fake and real");
        const Tensor values = scores[0].value();
        const auto mean = [&](std::int64_t begin) {
            return tensor::affine(tensor::sum(values.rows(begin, begin + count)), share, 0.0);
        };
        const auto constant = [&](double value) { return Tensor::full({count}, value, real.dtype(), real.device()); };
        terms.result.fake_score = mean(0);
        terms.result.real_score = mean(count);
        terms.sum.add(scores[0], Variable(concatenated({constant(share), constant(-share)})));
        slopes = slopes_of(scores[1], phrases[1]);
    }  // the penalty's gradient needs nothing of the forward pass but its masks
    terms.add_penalty(slopes, weight);
}

}  // namespace

CriticPasses preferred_passes(tensor::Device device) {
    return tensor::backend(device).prefers_few_launches() ? CriticPasses::together : CriticPasses::in_turn;
}

CriticGradients critic_gradients(const Critic& critic, const Tensor& real, const Tensor& fake, const Tensor& alpha,
                                 double weight, CriticPasses passes) {
    CriticTerms terms{GradientSum(critic.parameters()), {}};
    const Tensor between = tensor::interpolate(real, fake, alpha);
    if (passes == CriticPasses::together) add_together(critic, real, fake, between, weight, terms);
    else add_in_turn(critic, real, fake, between, weight, terms);
    terms.result.gradients = terms.sum.take();
    return std::move(terms.result);
}

GeneratorGradients generator_gradients(const Generator& generator, const Critic& critic, const Latents& latents) {
    GradientSum sum(generator.parameters());
    const tensor::PhaseScope forward("generator forward");
    const Variable loss =
        autograd::negate(autograd::mean(critic(generator(latents, Mode::training))));
    const tensor::PhaseScope backward("generator backward");
    sum.add(loss);
    return {sum.take(), loss.value()};
}

}  // namespace musegan
