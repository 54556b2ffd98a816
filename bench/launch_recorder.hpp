// Times every launch of the CUDA backend by events around it, as a profiler would.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tensor/cuda/launch_range.hpp"
#include "tensor/cuda/runtime.hpp"
#include "tensor/scope.hpp"

namespace bench {

/// One launch: where it came from and what it cost.
struct Launch {
    tensor::Scope scope;
    double flops = 0, bytes = 0, milliseconds = 0;
};

/// Records launches while it lives, once a backend has it by observe(). Times are from event to event, so each includes
/// a microsecond or two of the events themselves.
class LaunchRecorder final : public tensor::cuda::LaunchObserver {
  public:
    void before(const tensor::cuda::Context& context, const tensor::cuda::Work& work) override;
    void after(const tensor::cuda::Context& context, const tensor::cuda::Work& work) override;

    /// The launches since the last call, in order. Waits for the last launch.
    std::vector<Launch> take();

  private:
    struct Events {
        tensor::cuda::Event start, stop;
    };
    std::vector<Events> events_;  ///< grows and is reused
    std::vector<Launch> launches_;
};

/// Launches of one operator, layer and phase.
struct LaunchGroup {
    std::string operation, layer, phase;
    std::size_t calls = 0;
    double milliseconds = 0, flops = 0, bytes = 0;

    double gflops() const { return milliseconds > 0 ? flops / milliseconds * 1e-6 : 0; }
    double gb_s() const { return milliseconds > 0 ? bytes / milliseconds * 1e-6 : 0; }
};

enum class GroupBy { operation, phase, everything };
/// The groups in order of descending time.
std::vector<LaunchGroup> group_launches(const std::vector<Launch>& launches, GroupBy by);

}  // namespace bench
