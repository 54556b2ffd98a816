#include "tensor/cuda/launch_range.hpp"

#include <nvtx3/nvToolsExt.h>

#include <map>
#include <string>
#include <tuple>

#include "tensor/cuda/runtime.hpp"

namespace tensor::cuda {

namespace {

/// "phase, layer, kernel" of a launch. The three are literals or interned, so their addresses are a key, and a name is
/// put together once.
const char* range_name(const char* kernel) {
    const Scope& scope = current_scope();
    thread_local std::map<std::tuple<const char*, const char*, const char*>, std::string> names;
    std::string& name = names[{scope.phase, scope.layer, kernel}];
    if (name.empty()) name = to_string(Scope{.phase = scope.phase, .layer = scope.layer, .kernel = kernel});
    return name.c_str();
}

}  // namespace

LaunchRange::LaunchRange(const Context& context, const Work& work)
    : work_(work), device_(Device::cuda(context.device)), word_(work.kernel), event_(device_) {
    nvtxRangePushA(range_name(work.kernel));
}

LaunchRange::~LaunchRange() { nvtxRangePop(); }

const char* LaunchRange::name() const { return range_name(work_.kernel); }

void LaunchRange::check(cudaError_t status) const {
    if (status != cudaSuccess) cuda::check(name(), status);
}

void LaunchRange::issued() {
    if (event_.observed())
        event_.end({.scope = {}, .device = device_, .ran = true, .flops = work_.flops, .bytes = work_.bytes});
}

}  // namespace tensor::cuda
