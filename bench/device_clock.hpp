// Time on a CUDA device.
#pragma once

#include <functional>
#include <memory>

#include "bench/statistics.hpp"
#include "tensor/cuda/backend.hpp"
#include "tensor/cuda/capture.hpp"

namespace bench {

/// The backend of cuda:0 with its own type. Throws Error where no device answers.
const tensor::cuda::CudaBackend& cuda_device();

/// Work that was issued once, as a graph: launched again by one call, so that a time holds nothing of the host's,
/// however many calls the work is made of.
class CapturedWork {
  public:
    /// Captures what work() issues on the backend's stream. It has to have run once before: what loads modules or asks
    /// for memory cannot be captured. Where the runtime refuses (the work waits, or copies from the host), launch()
    /// calls work() itself, and is_graph() is false; what work() throws otherwise is thrown on. What the work writes
    /// has to stay where it is as long as this lives: memory of the arena that is free after the work must not be given
    /// to anybody else meanwhile.
    CapturedWork(const tensor::cuda::CudaBackend& backend, const std::function<void()>& work);

    void launch() const;
    bool is_graph() const { return executable_.get() != nullptr; }

  private:
    const tensor::cuda::Context& context_;
    std::function<void()> work_;
    tensor::cuda::Executable executable_;
};

/// Times work that is issued on the backend's stream, by a mark before it and one after it.
class DeviceClock {
  public:
    explicit DeviceClock(const tensor::cuda::CudaBackend& backend);

    /// Milliseconds of the work that work() issues, which has run once before. It is launched as a graph, and
    /// beforehand a buffer of four times the L2 cache is overwritten on the same stream: operands come from memory, and
    /// the launch hides behind it.
    double cold(const std::function<void()>& work);
    /// The times of cold runs, after one that does not count: runs until their sum reaches `milliseconds`, at least 3
    /// and at most 200 runs. Work of which one run takes longer than `milliseconds` is timed once.
    Samples repeat(const std::function<void()>& work, double milliseconds);

    /// How often work could not be captured, so that its times may hold some of the host's.
    int refused() const { return refused_; }

  private:
    CapturedWork capture(const std::function<void()>& work);
    double cold(const CapturedWork& work);
    void overwrite_cache();

    const tensor::cuda::CudaBackend& backend_;
    std::unique_ptr<tensor::Mark> start_, stop_;
    tensor::Tensor cache_sized_;
    int refused_ = 0;
};

}  // namespace bench
