// Work without words and results, run as what a Repetition repeats.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "tensor/backend.hpp"
#include "tensor/repetition.hpp"

namespace support {

class Repeated {
  public:
    Repeated(tensor::Device device, const char* name) : repetition_(tensor::backend(device).make_repetition(name)) {}
    void operator()(const std::function<void()>& work) {
        repetition_->run({}, [&](const std::uint64_t*) {
            work();
            return std::vector<tensor::Tensor>();
        });
    }
    const tensor::RepetitionCounts& counts() const { return repetition_->counts(); }

  private:
    std::unique_ptr<tensor::Repetition> repetition_;
};

}  // namespace support
