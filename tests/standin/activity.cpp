#include "activity.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace standin {

namespace {

struct Hooks {
    decltype(&standin_cupti_call) call = nullptr;
    decltype(&standin_cupti_ran) ran = nullptr;
};

/// Programs on the stand-in load its CUPTI, unless they are told of another.
[[maybe_unused]] const int chosen = setenv("MUSEGAN_CUPTI", STANDIN_CUPTI, 0);

/// The hooks of the library, if the program has loaded it.
const Hooks& hooks() {
    static Hooks hooks;
    if (hooks.ran) return hooks;
    if (void* const library = dlopen(STANDIN_CUPTI, RTLD_NOW | RTLD_NOLOAD)) {
        hooks.call = reinterpret_cast<decltype(hooks.call)>(dlsym(library, "standin_cupti_call"));
        hooks.ran = reinterpret_cast<decltype(hooks.ran)>(dlsym(library, "standin_cupti_ran"));
    }
    return hooks;
}

std::uint64_t nanoseconds() {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

/// The mangled name of "void standin::NAME<float>(float*)", with the innermost NVTX range of the node for a name.
std::string kernel_name(const std::string& ranges) {
    const std::size_t last = ranges.rfind(" > ");
    const std::string name = ranges.empty() ? "kernel" : last == std::string::npos ? ranges : ranges.substr(last + 3);
    return fmt::format("_ZN7standin{}{}IfEEvPT_", name.size(), name);
}

void tell_kernel(RanWork work, const std::string& name) {
    work.kind = RanWork::Kind::kernel;
    work.name = name.c_str();
    work.registers = 32;
    hooks().ran(&work);
}

/// As a library may do it: a product is two kernels, the second of which takes the last quarter of the time.
void tell_product(RanWork work) {
    RanWork second = work;
    work.end = work.start + (work.end - work.start) * 3 / 4;
    second.start = work.end;
    tell_kernel(work, "standin_gemm_32x32_tn");
    tell_kernel(second, "standin_splitk_reduce");
}

void tell(const Node& node, RanWork work) {
    switch (node.kind) {
        case NodeKind::copy_to_device:
        case NodeKind::copy_to_host: work.copy_kind = node.kind == NodeKind::copy_to_device ? 1 : 2; break;
        case NodeKind::copy_on_device: work.copy_kind = 8; break;
        case NodeKind::set: work.kind = RanWork::Kind::fill; break;
        case NodeKind::kernel: return tell_kernel(work, kernel_name(current_range()));
        case NodeKind::product: return tell_product(work);
        case NodeKind::algorithm: return tell_kernel(work, "_ZN7standin9algorithmIfEEvPT_");
        case NodeKind::copy_on_host:
        case NodeKind::event_record:
        case NodeKind::graph: return;
    }
    hooks().ran(&work);
}

}  // namespace

std::uint32_t traced_call() { return hooks().call ? hooks().call() : 0; }

cudaError_t run_traced(const Node& node, std::uint32_t correlation) {
    state().correlation = correlation;  // the nodes of a graph are told with it
    if (correlation == 0) return node.run();
    const std::uint64_t start = nanoseconds();
    const cudaError_t error = node.run();
    const std::uint64_t end = std::max(nanoseconds(), start + 8);
    if (error == cudaSuccess && device_runs())
        tell(
            node,
            {.kind = RanWork::Kind::copy, .start = start, .end = end, .correlation = correlation, .shape = node.shape});
    return error;
}

}  // namespace standin
