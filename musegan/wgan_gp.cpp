#include "musegan/wgan_gp.hpp"

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"

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
    const Variable gradient = autograd::grad(total, input, {.create_graph = true});
    const std::int64_t phrases = interpolated.shape()[0];
    const Variable squares = autograd::sum_to(autograd::square(gradient), {phrases, 1, 1, 1, 1});
    return autograd::square_root(autograd::affine(squares, 1.0, slope_epsilon));
}

Variable gradient_penalty(const Variable& slopes, double weight) {
    return autograd::scale(autograd::mean(autograd::square(autograd::affine(slopes, 1.0, -1.0))), weight);
}

Tensor interpolate(const Tensor& x, const Tensor& y, const Tensor& a) {
    if (!(a.shape() == tensor::Shape{x.shape()[0]}))
        tensor::fail("interpolate", "a is {}, expected [{}]: one factor a phrase", a.shape().to_string(), x.shape()[0]);
    const Tensor factor = a.reshape({x.shape()[0], 1, 1, 1, 1});
    return tensor::add(x, tensor::multiply(factor, tensor::subtract(y, x)));
}

CriticGradients critic_gradients(const Critic& critic, const Tensor& real, const Tensor& fake, const Tensor& alpha,
                                 double weight) {
    GradientSum sum(critic.parameters());
    CriticGradients result;
    {
        const Variable score = autograd::mean(critic(Variable(fake)));
        result.fake_score = score.value();
        sum.add(score);
    }
    {
        const Variable score = autograd::mean(critic(Variable(real)));
        result.real_score = score.value();
        sum.add(autograd::negate(score));
    }
    {
        const Variable slopes = critic_slopes(critic, interpolate(real, fake, alpha));
        const Variable penalty = gradient_penalty(slopes, weight);
        result.slopes = slopes.value().reshape({real.shape()[0]});
        result.penalty = penalty.value();
        sum.add(penalty);
    }
    result.gradients = sum.take();
    return result;
}

GeneratorGradients generator_gradients(const Generator& generator, const Critic& critic, const Latents& latents) {
    GradientSum sum(generator.parameters());
    const Variable loss =
        autograd::negate(autograd::mean(critic(generator(latents, Mode::training))));
    sum.add(loss);
    return {sum.take(), loss.value()};
}

}  // namespace musegan
