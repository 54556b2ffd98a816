// What surrounds a launch: its NVTX range, its check, and the event for whoever observes this thread. Plain C++.
#pragma once

#include <cuda_runtime.h>

#include "tensor/cuda/context.hpp"
#include "tensor/observer.hpp"

namespace tensor::cuda {

/// One launch: its own name, which is the operator's unless it only helps the operator, and what it costs at least:
/// arithmetic of the formula, bytes of operands and results.
struct Work {
    const char* kernel = "";
    double flops = 0;
    double bytes = 0;
};

/// Open while a launch is issued: an NVTX range "phase, layer, kernel", and an event inside that of the operator.
class LaunchRange {
  public:
    LaunchRange(const Context& context, const Work& work);
    ~LaunchRange();
    LaunchRange(const LaunchRange&) = delete;
    LaunchRange& operator=(const LaunchRange&) = delete;

    /// "phase, layer, kernel", as far as they are known.
    const char* name() const;
    /// Throws Error("[name] the launch was refused: ...") unless `status` is cudaSuccess.
    void check(cudaError_t status) const;
    /// The launch was accepted: tells its work to the observer, if there is one.
    void issued();

  private:
    Work work_;
    Device device_;
    ScopeWord<&Scope::kernel> word_;
    ObservedEvent event_;
};

}  // namespace tensor::cuda
