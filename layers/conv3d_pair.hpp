// Two convolution layers after each other, as one operator where the device gains by it.
#pragma once

#include "layers/conv3d.hpp"
#include "tensor/conv3d_pair_types.hpp"

namespace layers {

/// second(first(x)), with the same values, gradients and parameters either way. Where tensor::fuses (tensor/fusion.hpp)
/// says so, the values between the two are not kept but computed again on the way back.
class Conv3dPair {
  public:
    /// Throws Error unless second reads what first makes.
    Conv3dPair(const Conv3d& first, const Conv3d& second);
    Batch operator()(const Batch& x) const;

  private:
    Conv3d first_, second_;
    tensor::Conv3dPair pair_;
    const char* name_;  ///< "critic.conv1+conv2"
};

}  // namespace layers
