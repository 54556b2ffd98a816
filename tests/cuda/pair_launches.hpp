// How often the kernels of a pair of convolutions were launched.
#pragma once

#include <string_view>

#include "tensor/observer.hpp"

namespace support {

/// Counts the launches of the fused pair while it lives.
class PairLaunches final : public tensor::Observer {
  public:
    void begin(const tensor::Event& event) override {
        count += std::string_view(event.scope.kernel).starts_with("conv3d_pair");
    }
    void end(const tensor::Event&) override {}

    int count = 0;

  private:
    tensor::ObserverScope scope_{this};
};

}  // namespace support
