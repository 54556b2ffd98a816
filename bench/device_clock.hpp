// Time on a CUDA device.
#pragma once

#include <functional>
#include <memory>

#include "bench/statistics.hpp"
#include "tensor/cuda/backend.hpp"

namespace bench {

/// The backend of cuda:0 with its own type. Throws Error where no device answers.
const tensor::cuda::CudaBackend& cuda_device();

/// Times work that is issued on the backend's stream, by a mark before it and one after it.
class DeviceClock {
  public:
    explicit DeviceClock(const tensor::cuda::CudaBackend& backend);

    /// Milliseconds of the work that work() issues. Beforehand a buffer of four times the L2 cache is overwritten, on
    /// the same stream: operands come from memory, and issuing the work hides behind it.
    double cold(const std::function<void()>& work);
    /// The times of cold runs, after one that does not count: runs until their sum reaches `milliseconds`, at least 3
    /// and at most 200 runs. Work of which one run takes longer than `milliseconds` is timed once.
    Samples repeat(const std::function<void()>& work, double milliseconds);

  private:
    void overwrite_cache();

    const tensor::cuda::CudaBackend& backend_;
    std::unique_ptr<tensor::Mark> start_, stop_;
    tensor::Tensor cache_sized_;
};

}  // namespace bench
