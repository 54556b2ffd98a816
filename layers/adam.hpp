// The optimiser: Adam's moments beside the parameters they belong to.
#pragma once

#include <span>
#include <vector>

#include "layers/parameters.hpp"
#include "tensor/adam.hpp"

namespace layers {

using tensor::AdamOptions;

class Adam {
  public:
    /// Moments start at zero, beside each parameter. Keeps the parameters' storage, not the Parameters object.
    Adam(const Parameters& parameters, const AdamOptions& options);

    /// One step with one gradient per parameter, in the parameters' order. Throws Error for another number of
    /// gradients. `held`: as tensor::adam has it.
    void step(std::span<const Tensor> gradients, const double* held = nullptr);
    /// adam_corrections of the next step.
    std::array<double, 2> corrections() const { return tensor::adam_corrections(options_, steps_ + 1); }

    /// Steps taken so far; part of the state (the bias corrections depend on it).
    std::int64_t steps() const { return steps_; }
    void set_steps(std::int64_t steps) { steps_ = steps; }
    /// The moments by name ("first.NAME", "second.NAME"), for checkpoints; the tensors share the live storage.
    std::vector<NamedTensor> state() const;

  private:
    std::vector<std::string> names_;
    std::vector<tensor::AdamSlot> slots_;
    AdamOptions options_;
    std::int64_t steps_ = 0;
};

}  // namespace layers
