// One critic update and one generator update, as training does them, each to be timed alone.
#pragma once

#include <cstdint>

#include "layers/adam.hpp"
#include "musegan/batch_order.hpp"
#include "musegan/critic.hpp"
#include "musegan/generator.hpp"
#include "tensor/tensor.hpp"

namespace bench {

/// Both networks at a width with fresh weights, their optimisers, and random packed phrases with 3 cells in
/// 100 on.
class Updates {
  public:
    Updates(double width, std::int64_t batch, std::uint64_t seed = 0);

    /// Unpack a batch, generate as many phrases, the WGAN-GP gradients, Adam.
    void critic();
    /// The generator's gradients through the critic, Adam.
    void generator();

    /// FLOPs in which a critic update is counted: 10 forward passes of the critic (bench/README.md).
    double critic_flops() const { return 10.0 * critic_.flops(batch_); }

  private:
    musegan::ModelConfig config_;
    std::int64_t batch_;
    tensor::RandomStream weights_, latents_, interpolation_;
    musegan::Generator generator_;
    musegan::Critic critic_;
    layers::Adam generator_adam_, critic_adam_;
    tensor::Tensor phrases_;
    musegan::BatchOrder order_;
};

/// The largest resident set of this process so far, bytes: VmHWM of /proc/self/status; 0 where there is none.
std::int64_t peak_resident_bytes();

}  // namespace bench
