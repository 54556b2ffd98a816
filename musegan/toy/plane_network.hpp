// The two networks, as tables: dense layers from points of the plane to points, or to scores.
#pragma once

#include "layers/stack.hpp"
#include "musegan/toy/toy_settings.hpp"

namespace musegan {

class PlaneNetwork {
  public:
    /// Fresh weights from `random`. Hidden layers as the table says; a pair of numbers in.
    PlaneNetwork(const layers::Table& table, tensor::RandomStream random, tensor::DType dtype, tensor::Device device);

    /// x [N, 2] -> [N, C] of the last layer's C channels.
    layers::Variable operator()(const layers::Variable& points, layers::Mode mode = layers::Mode::training) const;
    const layers::Parameters& parameters() const { return parameters_; }

  private:
    layers::Parameters parameters_;
    layers::Stack stack_;
};

/// D: hidden layers with the norm and the activation of the settings; one channel, the score.
layers::Table critic_table(const ToySettings& settings);
/// G: two normal numbers to a point; hidden layers with ReLU.
layers::Table generator_table(const ToySettings& settings);

}  // namespace musegan
