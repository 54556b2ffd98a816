#include "layers/conv3d.hpp"

#include "autograd/conv3d.hpp"
#include "autograd/elementwise.hpp"
#include "tensor/scope.hpp"

namespace layers {

namespace {

/// The most taps of a transposed convolution that reach one output: kernel / stride along each axis, rounded up.
std::int64_t taps_that_meet(const TransposedSpec& spec) {
    std::int64_t taps = 1;
    for (int axis = 0; axis < 3; ++axis) taps *= (spec.kernel[axis] + spec.stride[axis] - 1) / spec.stride[axis];
    return taps;
}

}  // namespace

Conv3d::Conv3d(const Builder& builder, const Extents& input, const Conv3dSpec& spec, double slope)
    : name_(builder.layer_name()),
      geometry_(tensor::conv3d_geometry(input, spec)),
      weight_(builder.weight("weight", geometry_.weight_shape(), geometry_.kernel.product() * spec.in_channels)),
      bias_(builder.constant("bias", {spec.out_channels}, 0.0)),
      slope_(slope) {}

Batch Conv3d::operator()(const Batch& x) const {
    const tensor::LayerScope layer(name_);
    return autograd::conv3d_bias_leaky_relu(x, weight_, bias_, slope_, geometry_);
}

TransposedConv3d::TransposedConv3d(const Builder& builder, const Extents& input, const TransposedSpec& spec)
    : name_(builder.layer_name()),
      geometry_(tensor::transposed_conv3d_geometry(input, {.kernel = spec.kernel,
                                                           .in_channels = spec.out_channels,
                                                           .out_channels = spec.in_channels,
                                                           .stride = spec.stride})),
      weight_(builder.weight("weight", geometry_.weight_shape(), spec.in_channels * taps_that_meet(spec))),
      bias_(builder.constant(
          "bias", spec.bias_per_track ? Shape{geometry_.input.track, spec.out_channels} : Shape{spec.out_channels},
          0.0)) {}

Variable TransposedConv3d::operator()(const Variable& x) const {
    const tensor::LayerScope layer(name_);
    return autograd::add(autograd::conv3d_input_gradient(x, weight_, geometry_), bias_);
}

}  // namespace layers
