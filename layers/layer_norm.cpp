#include "layers/layer_norm.hpp"

#include "autograd/normalize.hpp"
#include "tensor/scope.hpp"

namespace layers {

LayerNorm::LayerNorm(const Builder& builder, std::int64_t channels)
    : name_(builder.layer_name()),
      gamma_(builder.constant("gamma", {channels}, 1.0)),
      beta_(builder.constant("beta", {channels}, 0.0)) {}

Variable LayerNorm::operator()(const Variable& x) const {
    const tensor::LayerScope layer(name_);
    return autograd::normalize(x, gamma_, beta_, autograd::NormalizeOver::layer, epsilon).y;
}

}  // namespace layers
