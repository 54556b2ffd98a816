#include "tensor/cuda/launch_range.hpp"

#include <nvtx3/nvToolsExt.h>

#include "tensor/cuda/runtime.hpp"

namespace tensor::cuda {

namespace {

constinit thread_local UpdateRange* innermost = nullptr;

/// Opens a range unless the word is empty; returns how many it opened.
int open_range(const char* word) {
    if (*word == '\0') return 0;
    nvtxRangePushA(word);
    return 1;
}

}  // namespace

UpdateRange::UpdateRange(const char* name) : name_(name), outer_(innermost) {
    innermost = this;
    nvtxRangePushA(name);
}

UpdateRange::~UpdateRange() {
    reopen({});
    nvtxRangePop();
    innermost = outer_;
}

UpdateRange* UpdateRange::current() { return innermost; }

void UpdateRange::reopen(const Scope& scope) {
    if (*layer_) nvtxRangePop();
    if (scope.phase != phase_) {
        if (has_range(phase_)) nvtxRangePop();
        if (has_range(scope.phase)) nvtxRangePushA(scope.phase);
        phase_ = scope.phase;
    }
    open_range(scope.layer);
    layer_ = scope.layer;
}

LaunchRange::LaunchRange(const Context& context, const Work& work)
    : work_(work), device_(Device::cuda(context.device)), word_(work.kernel), event_(device_) {
    context.is_behind_kernel = false;
    const Scope& scope = current_scope();
    if (UpdateRange* const update = UpdateRange::current()) update->follow(scope);
    else ranges_ += open_range(scope.phase) + open_range(scope.layer);
    nvtxRangePushA(work.kernel);
}

LaunchRange::~LaunchRange() {
    for (int i = 0; i < ranges_; ++i) nvtxRangePop();
}

std::string LaunchRange::name() const {
    const Scope& scope = current_scope();
    return to_string(Scope{.phase = scope.phase, .layer = scope.layer, .kernel = work_.kernel});
}

void LaunchRange::check(cudaError_t status) const {
    if (status != cudaSuccess) cuda::check(name().c_str(), status);
}

void LaunchRange::tell(const std::optional<LaunchFacts>& facts, bool chosen_by_library) {
    if (event_.observed())
        event_.end({.scope = {},
                    .device = device_,
                    .ran = true,
                    .flops = work_.flops,
                    .bytes = work_.bytes,
                    .launch = facts,
                    .chosen_by_library = chosen_by_library});
}

}  // namespace tensor::cuda
