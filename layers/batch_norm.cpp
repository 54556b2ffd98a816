#include "layers/batch_norm.hpp"

#include "autograd/elementwise.hpp"
#include "autograd/normalize.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/normalize.hpp"
#include "tensor/scope.hpp"

namespace layers {

BatchNorm::BatchNorm(const Builder& builder, std::int64_t channels)
    : name_(builder.layer_name()),
      gamma_(builder.constant("gamma", {channels}, 1.0)),
      beta_(builder.constant("beta", {channels}, 0.0)),
      running_mean_(builder.statistic("running_mean", {channels}, 0.0)),
      running_variance_(builder.statistic("running_variance", {channels}, 1.0)) {}

Variable BatchNorm::operator()(const Variable& x, Mode mode) const {
    const tensor::LayerScope layer(name_);
    if (mode == Mode::training) {
        const autograd::Normalized result =
            autograd::normalize(x, gamma_, beta_, autograd::NormalizeOver::batch, epsilon);
        // The running statistics are shared with the network's Parameters: their storage changes, the tensors stay.
        Tensor running_mean = running_mean_, running_variance = running_variance_;
        tensor::follow_statistics(result.mean, result.inverse_deviation, x.shape().elements() / x.shape()[-1], epsilon,
                                  decay, running_mean, running_variance);
        return result.y;
    }
    const Tensor inverse_deviation =
        tensor::reciprocal(tensor::square_root(tensor::affine(running_variance_, 1.0, epsilon)));
    const Variable scale = autograd::multiply(gamma_, Variable(inverse_deviation));
    return autograd::add(autograd::multiply(autograd::subtract(x, Variable(running_mean_)), scale), beta_);
}

}  // namespace layers
