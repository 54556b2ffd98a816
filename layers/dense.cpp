#include "layers/dense.hpp"

#include "autograd/matmul.hpp"
#include "tensor/scope.hpp"

namespace layers {

Dense::Dense(const Builder& builder, std::int64_t in_channels, std::int64_t out_channels, double slope)
    : name_(builder.layer_name()),
      weight_(builder.weight("weight", {in_channels, out_channels}, in_channels)),
      bias_(builder.constant("bias", {out_channels}, 0.0)),
      slope_(slope) {}

Batch Dense::operator()(const Batch& x) const {
    const tensor::LayerScope layer(name_);
    return autograd::matmul_bias_leaky_relu(x, weight_, bias_, slope_);
}

}  // namespace layers
