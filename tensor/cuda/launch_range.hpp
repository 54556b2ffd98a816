// What surrounds a launch: its NVTX range, its check and whoever observes launches. Plain C++.
#pragma once

#include <cuda_runtime.h>

#include "tensor/cuda/context.hpp"

namespace tensor::cuda {

/// What one launch is for and what it costs at least: arithmetic of the formula, bytes of operands and results.
struct Work {
    const char* operation = "";
    double flops = 0;
    double bytes = 0;
};

/// Sees every launch on the stream, before and after it was issued: a profiler puts events around it.
class LaunchObserver {
  public:
    virtual ~LaunchObserver() = default;
    virtual void before(const Context& context, const Work& work) = 0;
    virtual void after(const Context& context, const Work& work) = 0;
};

/// Open while a launch is issued: an NVTX range "phase, layer, operation", and the observer's two calls.
class LaunchRange {
  public:
    LaunchRange(const Context& context, const Work& work);
    ~LaunchRange();
    LaunchRange(const LaunchRange&) = delete;
    LaunchRange& operator=(const LaunchRange&) = delete;

    /// "phase, layer, operation", as far as they are known.
    const char* name() const;
    /// Throws Error("[operation] the launch was refused: ...") unless `status` is cudaSuccess.
    void check(cudaError_t status) const;

  private:
    const Context& context_;
    Work work_;
};

}  // namespace tensor::cuda
