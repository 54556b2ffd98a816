// One critic update and one generator update, as training does them, each to be timed alone.
#pragma once

#include <cstdint>
#include <optional>

#include "layers/adam.hpp"
#include "musegan/networks/critic.hpp"
#include "musegan/networks/generator.hpp"
#include "musegan/training/batch_order.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/precision.hpp"
#include "tensor/tensor.hpp"

namespace bench {

/// Where and how an update runs.
struct Setting {
    double width = 1.0;  ///< factor on the channel counts
    std::int64_t batch = 8;
    tensor::Device device{};
    tensor::Precision precision = tensor::Precision::f32;
    bool plain = false;  ///< as `musegan train --plain`: no fused layers, no mask bits, no gathered launches
    std::optional<musegan::CriticPasses> passes{};  ///< unless set, what the device prefers
};

/// Both networks with fresh weights, their optimisers, and random packed phrases with 3 cells in 100 on. The two
/// updates return when all work has been issued; wait for the device before reading a clock.
class Updates {
  public:
    explicit Updates(const Setting& setting, std::uint64_t seed = 0);

    /// Unpack a batch, generate as many phrases, the WGAN-GP gradients, Adam.
    void critic();
    /// The generator's gradients through the critic, Adam.
    void generator();

    /// FLOPs in which a critic update is counted: 10 forward passes of the critic (bench/README.md).
    double critic_flops() const { return 10.0 * critic_.flops(setting_.batch); }

  private:
    musegan::Latents draw_latents();
    void issue(const char* name, void (Updates::*update)());
    void issue_critic();
    void issue_generator();

    Setting setting_;
    musegan::ModelConfig config_;
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
