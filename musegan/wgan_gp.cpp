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

Variable critic_slopes(const Critic& critic, const Tensor& interpolated) {
    const Variable input(interpolated, true);
    const Variable total = autograd::sum(critic(input));
    const tensor::PhaseScope phase("critic penalty slopes");
    const Variable gradient = autograd::grad(total, input, {.create_graph = true});
    return autograd::norm(gradient, slope_epsilon);
}

Variable gradient_penalty(const Variable& slopes, double weight) {
    return autograd::scale(autograd::mean(autograd::square(autograd::affine(slopes, 1.0, -1.0))), weight);
}

namespace {

/// E D(G(z)) - E D(x): values into `result`, gradients into `sum`.
void add_scores_in_turn(const Critic& critic, const Tensor& real, const Tensor& fake, GradientSum& sum,
                        CriticGradients& result) {
    {
        const tensor::PhaseScope phase("critic fake");
        const Variable score = autograd::mean(critic(Variable(fake)));
        result.fake_score = score.value();
        sum.add(score);
    }
    const tensor::PhaseScope phase("critic real");
    const Variable score = autograd::mean(critic(Variable(real)));
    result.real_score = score.value();
    sum.add(autograd::negate(score));
}

void add_scores_together(const Critic& critic, const Tensor& real, const Tensor& fake, GradientSum& sum,
                         CriticGradients& result) {
    const tensor::PhaseScope phase("critic fake and real");
    const std::int64_t phrases = real.shape()[0];
    const double share = 1.0 / static_cast<double>(phrases);
    const auto joined = [](const Tensor& first, const Tensor& second) {
        const std::array parts{first, second};
        return tensor::concat(parts, 0);
    };
    const auto constant = [&](double value) { return Tensor::full({phrases}, value, real.dtype(), real.device()); };
    const Variable scores = critic(Variable(joined(fake, real)));
    const auto mean = [&](std::int64_t begin) {
        return tensor::affine(tensor::sum(tensor::slice(scores.value(), 0, begin, begin + phrases)), share, 0.0);
    };
    result.fake_score = mean(0);
    result.real_score = mean(phrases);
    sum.add(scores, Variable(joined(constant(share), constant(-share))));
}

}  // namespace

RealAndFake preferred_passes(tensor::Device device) {
    return tensor::backend(device).prefers_few_launches() ? RealAndFake::together : RealAndFake::in_turn;
}

CriticGradients critic_gradients(const Critic& critic, const Tensor& real, const Tensor& fake, const Tensor& alpha,
                                 double weight, RealAndFake passes) {
    GradientSum sum(critic.parameters());
    CriticGradients result;
    if (passes == RealAndFake::together) add_scores_together(critic, real, fake, sum, result);
    else add_scores_in_turn(critic, real, fake, sum, result);
    {
        const tensor::PhaseScope forward("critic penalty forward");
        const Variable slopes = critic_slopes(critic, tensor::interpolate(real, fake, alpha));
        const Variable penalty = gradient_penalty(slopes, weight);
        result.slopes = slopes.value();
        result.penalty = penalty.value();
        const tensor::PhaseScope backward("critic penalty backward");
        sum.add(penalty);
    }
    result.gradients = sum.take();
    return result;
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
