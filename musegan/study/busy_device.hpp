// Work that keeps a device busy, so that what is issued meanwhile queues up behind it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>

#include "tensor/backend.hpp"
#include "tensor/tensor.hpp"

namespace musegan {

/// Keeps a device busy for a while, so that what is issued meanwhile queues up and then runs without gaps: times
/// between events would otherwise include waiting for whoever issues.
class BusyDevice {
  public:
    explicit BusyDevice(tensor::Device device) : backend_(tensor::backend(device)) {
        constexpr std::int64_t bytes = std::int64_t{64} << 20;
        buffer_ = tensor::Tensor::empty({bytes}, tensor::DType::u8, device);
        fill(3);
        const std::unique_ptr<tensor::Mark> start = backend_.make_mark(), stop = backend_.make_mark();
        start->record();
        fill(10);
        stop->record();
        milliseconds_per_fill_ = std::max(stop->milliseconds_since(*start) / 10, 1e-3);
    }

    /// Issues work of about so many milliseconds, and waits for none of it: at most 1000 launches, since a queue that
    /// is full makes its caller wait.
    void keep(double milliseconds) {
        fill(std::min(1000, static_cast<int>(std::ceil(milliseconds / milliseconds_per_fill_))));
    }

  private:
    void fill(int times) {
        for (int k = 0; k < times; ++k) backend_.fill(buffer_, 1.0);
    }

    const tensor::Backend& backend_;
    tensor::Tensor buffer_;
    double milliseconds_per_fill_ = 0;
};

}  // namespace musegan
