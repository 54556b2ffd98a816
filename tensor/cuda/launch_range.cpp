#include "tensor/cuda/launch_range.hpp"

#include <nvtx3/nvToolsExt.h>

#include <map>
#include <string>
#include <tuple>

#include "tensor/cuda/runtime.hpp"
#include "tensor/scope.hpp"

namespace tensor::cuda {

namespace {

/// "phase, layer, operation" of a launch. The three are literals or interned, so their addresses are a key, and a name
/// is put together once.
const char* range_name(const char* operation) {
    Scope scope = current_scope();
    scope.operation = operation;
    thread_local std::map<std::tuple<const char*, const char*, const char*>, std::string> names;
    std::string& name = names[{scope.phase, scope.layer, operation}];
    if (name.empty()) name = to_string(scope);
    return name.c_str();
}

}  // namespace

LaunchRange::LaunchRange(const Context& context, const Work& work) : context_(context), work_(work) {
    nvtxRangePushA(range_name(work.operation));
    if (context_.observer) context_.observer->before(context_, work_);
}

LaunchRange::~LaunchRange() {
    if (context_.observer) context_.observer->after(context_, work_);
    nvtxRangePop();
}

const char* LaunchRange::name() const { return range_name(work_.operation); }

void LaunchRange::check(cudaError_t status) const {
    if (status != cudaSuccess) cuda::check(name(), status);
}

}  // namespace tensor::cuda
