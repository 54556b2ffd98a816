// The critic of the paper: a 3D convolutional network over whole phrases (AAAI 2018, online appendix, table of D).
// Kernels across bars are kernels in time dilated by a bar's steps; the tracks it sees are one kernel along the track
// axis. No normalisation that couples phrases: the penalty is a sum over phrases, each with its own slope.
#pragma once

#include <optional>
#include <vector>

#include "layers/conv3d.hpp"
#include "layers/conv3d_pair.hpp"
#include "layers/dense.hpp"
#include "musegan/networks/generator.hpp"

namespace musegan {

class Critic {
  public:
    /// Fresh weights from `random`.
    Critic(const ModelConfig& config, tensor::RandomStream& random, DType dtype = DType::f32,
           Device device = Device::cpu());

    /// Phrases [N, T, P, M, 1] of the config's shape -> scores [N]. Piecewise linear in its input.
    Batch operator()(const Batch& phrases) const;

    const layers::Parameters& parameters() const { return parameters_; }
    /// In the order of the forward pass.
    const std::vector<layers::Conv3d>& convolutions() const { return convolutions_; }
    /// FLOPs of one forward pass on `phrases` phrases: the F in which a critic update is counted.
    double flops(std::int64_t phrases) const;

  private:
    layers::Parameters parameters_;
    std::vector<layers::Conv3d> convolutions_;
    /// Of convolutions_, as one layer: their values are nearly all that it makes. Always there once constructed.
    std::optional<layers::Conv3dPair> first_two_;
    std::vector<layers::Dense> dense_;
    double dense_flops_ = 0;
};

}  // namespace musegan
