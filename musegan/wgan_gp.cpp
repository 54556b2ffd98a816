#include "musegan/wgan_gp.hpp"

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/norm.hpp"
#include "tensor/interpolate.hpp"
#include "tensor/place.hpp"

namespace musegan {

namespace {

/// Gradients for a fixed list of parameters, summed over several losses.
class GradientSum {
  public:
    explicit GradientSum(const layers::Parameters& parameters)
        : variables_(parameters.variables()), sums_(variables_.size()) {}

    void add(const Variable& loss) {
        const auto gradients = autograd::grad(std::span(&loss, 1), variables_);
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

CriticGradients critic_gradients(const Critic& critic, const Tensor& real, const Tensor& fake, const Tensor& alpha,
                                 double weight) {
    GradientSum sum(critic.parameters());
    CriticGradients result;
    {
        const tensor::PhaseScope phase("critic fake");
        const Variable score = autograd::mean(critic(Variable(fake)));
        result.fake_score = score.value();
        sum.add(score);
    }
    {
        const tensor::PhaseScope phase("critic real");
        const Variable score = autograd::mean(critic(Variable(real)));
        result.real_score = score.value();
        sum.add(autograd::negate(score));
    }
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
