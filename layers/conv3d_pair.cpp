#include "layers/conv3d_pair.hpp"

#include "autograd/conv3d_pair.hpp"
#include "tensor/error.hpp"
#include "tensor/fusion.hpp"
#include "tensor/scope.hpp"

namespace layers {

namespace {

/// "critic.conv1+conv2" of "critic.conv1" and "critic.conv2".
std::string joint_name(const std::string& first, const std::string& second) {
    return first + "+" + second.substr(second.rfind('.') + 1);
}

}  // namespace

Conv3dPair::Conv3dPair(const Conv3d& first, const Conv3d& second)
    : first_(first),
      second_(second),
      pair_{first.geometry(), second.geometry(), first.slope()},
      name_(tensor::intern(joint_name(first.name(), second.name()))) {
    if (!(pair_.second.input_shape(1) == pair_.first.output_shape(1)))
        tensor::fail("layers", "{} makes {} per phrase, {} reads {}", first.name(),
                     pair_.first.output_shape(1).to_string(), second.name(), pair_.second.input_shape(1).to_string());
}

Batch Conv3dPair::operator()(const Batch& x) const {
    if (!tensor::fuses(pair_, x.value())) return second_(first_(x));
    const tensor::LayerScope layer(name_);
    return autograd::conv3d_pair_bias_leaky_relu(x, first_.weight(), first_.bias(), first_.slope(), second_.weight(),
                                                 second_.bias(), second_.slope(), pair_.first, pair_.second);
}

}  // namespace layers
