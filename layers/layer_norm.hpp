// Layer norm (Ba, Kiros, Hinton 2016): the normaliser that a critic with a gradient penalty may have.
#pragma once

#include "layers/parameters.hpp"

namespace layers {

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and biased variance of each phrase over all its
/// positions and channels, gamma and beta per channel. It looks at one phrase at a time, so training and inference are
/// the same, and nothing follows along.
class LayerNorm {
  public:
    static constexpr double epsilon = 1e-5;

    LayerNorm(const Builder& builder, std::int64_t channels);
    /// x [N, ..., C].
    Variable operator()(const Variable& x) const;
    /// beta, [C].
    const Variable& beta() const { return beta_; }

  private:
    const char* name_;
    Variable gamma_, beta_;
};

}  // namespace layers
