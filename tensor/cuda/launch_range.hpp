// What surrounds a launch: its NVTX range inside those of the update, phase and layer, its check, and the event for
// whoever observes this thread. Plain C++.
#pragma once

#include <cuda_runtime.h>

#include <optional>
#include <string>

#include "tensor/cuda/context.hpp"
#include "tensor/launch_facts.hpp"
#include "tensor/observer.hpp"

namespace tensor::cuda {

/// One launch: its own name, which is the operator's unless it only helps the operator, and what it costs at least:
/// arithmetic of the formula, bytes of operands and results.
struct Work {
    const char* kernel = "";
    double flops = 0;
    double bytes = 0;
};

/// Open while an update is issued: an NVTX range of its name. Inside it, the ranges of a phase and a layer are opened
/// by the first launch in them, stay open from launch to launch, and are closed by the first launch outside or by the
/// update's end. May be nested.
class UpdateRange {
  public:
    /// A phase that is this very string is the update itself and gets no range of its own.
    explicit UpdateRange(const char* name);
    ~UpdateRange();
    UpdateRange(const UpdateRange&) = delete;
    UpdateRange& operator=(const UpdateRange&) = delete;

    /// The innermost of this thread; null outside an update.
    static UpdateRange* current();
    /// Has the ranges of the scope's phase and layer open, and no others. Words are literals or interned, so that their
    /// addresses tell them apart.
    void follow(const Scope& scope) {
        if (scope.phase != phase_ || scope.layer != layer_) [[unlikely]]
            reopen(scope);
    }

  private:
    void reopen(const Scope& scope);
    bool has_range(const char* phase) const { return *phase != '\0' && phase != name_; }

    const char* name_;
    const char *phase_ = "", *layer_ = "";
    UpdateRange* outer_;
};

/// Open while a launch is issued: an NVTX range of the kernel's name inside those of phase and layer, and an event
/// inside that of the operator. Outside an update the ranges of phase and layer end with the launch's. Says that what
/// the stream has last is no kernel of ours, as is right for a library's and for fills; `launch` knows better.
class LaunchRange {
  public:
    LaunchRange(const Context& context, const Work& work);
    ~LaunchRange();
    LaunchRange(const LaunchRange&) = delete;
    LaunchRange& operator=(const LaunchRange&) = delete;

    /// "phase, layer, kernel", as far as they are known.
    std::string name() const;
    /// Throws Error("[name] the launch was refused: ...") unless `status` is cudaSuccess.
    void check(cudaError_t status) const;
    bool observed() const { return event_.observed(); }
    /// The launch was accepted: tells its work to the observer, if there is one. `facts` are those of a kernel of ours.
    void issued(std::optional<LaunchFacts> facts = {}) { tell(facts, false); }
    /// The same of what a library launched that chooses among kernels.
    void issued_by_library() { tell({}, true); }

  private:
    void tell(const std::optional<LaunchFacts>& facts, bool chosen_by_library);

    Work work_;
    Device device_;
    int ranges_ = 1;  ///< that end with this launch
    ScopeWord<&Scope::kernel> word_;
    ObservedEvent event_;
};

}  // namespace tensor::cuda
