// A dense layer.
#pragma once

#include "layers/parameters.hpp"

namespace layers {

/// y = leaky_relu(x w + b, slope), x [N, C], w [C, K], b [K]. Slope 1 means no activation.
class Dense {
  public:
    Dense(const Builder& builder, std::int64_t in_channels, std::int64_t out_channels, double slope = 1.0);
    Batch operator()(const Batch& x) const;
    /// b, [K].
    const Variable& bias() const { return bias_; }

  private:
    const char* name_;
    Variable weight_, bias_;
    double slope_;
};

}  // namespace layers
