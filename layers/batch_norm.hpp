// Batch norm with running statistics for inference (Ioffe and Szegedy 2015, algorithms 1 and 2).
#pragma once

#include "layers/parameters.hpp"

namespace layers {

/// Training: normalise with the batch's own statistics and let the running ones follow. Inference: with the running
/// ones, so that a phrase does not depend on its neighbours in the batch.
enum class Mode { training, inference };

class BatchNorm {
  public:
    static constexpr double decay = 0.9, epsilon = 1e-5;

    BatchNorm(const Builder& builder, std::int64_t channels);
    /// x [..., C]. In training mode running = decay running + (1 - decay) batch; the running variance takes the
    /// unbiased estimate.
    Variable operator()(const Variable& x, Mode mode) const;
    /// beta, [C].
    const Variable& beta() const { return beta_; }

  private:
    const char* name_;
    Variable gamma_, beta_;
    Tensor running_mean_, running_variance_;
};

}  // namespace layers
