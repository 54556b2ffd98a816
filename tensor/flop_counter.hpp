// Adds up the FLOPs of operators, but not of what is inside them.
#pragma once

#include <utility>

#include "tensor/observer.hpp"

namespace tensor {

class FlopCounter final : public Observer {
  public:
    void begin(const Event&) override { ++open_; }
    void end(const Event& event) override {
        if (--open_ == 0) flops_ += event.flops;
    }
    /// Since the last call.
    double take() { return std::exchange(flops_, 0.0); }

  private:
    double flops_ = 0;
    int open_ = 0;
};

}  // namespace tensor
