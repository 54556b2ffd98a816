// The updates of a toy run.
#pragma once

#include "layers/adam.hpp"
#include "musegan/toy/toy_source.hpp"

namespace musegan {

class ToyTraining {
  public:
    /// Fresh networks. Throws Error for settings out of range. Keeps a reference to the settings.
    ToyTraining(const ToySettings& settings, tensor::Device device);

    /// One update (toy_run.hpp). False, and the rest of it is left out, once a loss is not finite.
    bool update();

    const PlaneNetwork& critic() const { return critic_; }
    const ToySource& source() const { return source_; }

  private:
    bool update_critic();
    bool update_generator();

    const ToySettings& settings_;
    PlaneNetwork critic_, generator_;
    layers::Adam critic_adam_, generator_adam_;
    ToySource source_;
    ToyStreams streams_;
};

}  // namespace musegan
