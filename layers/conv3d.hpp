// Convolution layers over time x pitch x track. A transposed convolution is the input-gradient operator.
#pragma once

#include "layers/parameters.hpp"
#include "tensor/conv3d_geometry.hpp"

namespace layers {

using tensor::Conv3dGeometry;
using tensor::Conv3dSpec;
using tensor::Extents;

/// y = leaky_relu(F(x, w) + b, slope), x [N, T, P, M, C] -> [N, T', P', M', K], b [K]. Slope 1 means no activation.
class Conv3d {
  public:
    /// Throws Error if the kernel does not fit into volumes of extents `input`.
    Conv3d(const Builder& builder, const Extents& input, const Conv3dSpec& spec, double slope = 1.0);
    Batch operator()(const Batch& x) const;
    const Conv3dGeometry& geometry() const { return geometry_; }
    const Extents& output() const { return geometry_.output; }
    const Variable& weight() const { return weight_; }
    const Variable& bias() const { return bias_; }
    double slope() const { return slope_; }
    /// The name below which its parameters are stored, "critic.conv1"; its LayerScope (tensor/scope.hpp) says it too.
    const char* name() const { return name_; }

  private:
    const char* name_;
    Conv3dGeometry geometry_;
    Variable weight_, bias_;
    double slope_;
};

/// What a caller states of a transposed convolution.
struct TransposedSpec {
    Extents kernel;
    std::int64_t in_channels = 1, out_channels = 1;
    Extents stride{};
    bool bias_per_track = false;  ///< one bias per track and channel, [M, K], instead of one per channel, [K]
};

/// y = A(x, w) + b: every input position adds its multiple of the kernel to the output. w [R, S, U, out, in].
class TransposedConv3d {
  public:
    TransposedConv3d(const Builder& builder, const Extents& input, const TransposedSpec& spec);
    Variable operator()(const Variable& x) const;
    /// Extents of the result: (input - 1) stride + kernel.
    const Extents& output() const { return geometry_.input; }
    /// Of the convolution whose input gradient this is: geometry().input is what this makes.
    const Conv3dGeometry& geometry() const { return geometry_; }
    /// b, [K], or [M, K] per track.
    const Variable& bias() const { return bias_; }

  private:
    const char* name_;
    Conv3dGeometry geometry_;
    Variable weight_, bias_;
};

}  // namespace layers
