#include <fmt/format.h>

#include <algorithm>

#include "block.hpp"
#include "capture.hpp"
#include "hooks.hpp"
#include "instructions.hpp"
#include "memory.hpp"

namespace standin {

namespace {

constexpr int registers_per_thread = 32;             // of every kernel: no compiler has counted them
constexpr std::size_t most_parameter_bytes = 32764;  // since CUDA 12.1 on compute capability 7.0 and above

/// Whether the launch may begin before its predecessor on the stream has ended.
bool starts_early(const cudaLaunchConfig_t& config) {
    return std::any_of(config.attrs, config.attrs + config.numAttrs, [](const cudaLaunchAttribute& attribute) {
        return attribute.id == cudaLaunchAttributeProgrammaticStreamSerialization &&
               attribute.val.programmaticStreamSerializationAllowed != 0;
    });
}

cudaError_t check_attributes(const cudaLaunchConfig_t& config) {
    if (!starts_early(config)) return cudaSuccess;
    if (device().major < 9) return cudaErrorNotSupported;
    if (!is_behind_kernel(config.stream))
        add_fault(fmt::format("kernel launch {} ({}) may begin early, but what its stream has last is not one kernel",
                              state().launches + 1, current_range()));
    return cudaSuccess;
}

cudaError_t check_configuration(const cudaLaunchConfig_t& config, const Call& call) {
    const Device& d = device();
    const dim3 grid = config.gridDim, block = config.blockDim;
    if (d.major * 10 + d.minor < d.lowest_image) return cudaErrorNoKernelImageForDevice;
    if (call.kernel == nullptr) return cudaErrorInvalidDeviceFunction;
    if (grid.x == 0 || grid.y == 0 || grid.z == 0 || block.x == 0 || block.y == 0 || block.z == 0 ||
        grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535 || block.x > max_threads || block.y > max_threads ||
        block.z > 64 || std::uint64_t{block.x} * block.y * block.z > max_threads) {
        return cudaErrorInvalidConfiguration;
    }
    if (!valid_stream(config.stream)) return cudaErrorInvalidResourceHandle;
    const auto limit = state().shared_limits.find(call.kernel);
    const std::size_t most_shared = limit == state().shared_limits.end() ? d.shared_per_block : limit->second;
    if (config.dynamicSmemBytes > most_shared) return cudaErrorInvalidValue;
    if (call.parameter_bytes > most_parameter_bytes) {
        add_fault(fmt::format("kernel parameters of {} bytes, at most {}", call.parameter_bytes, most_parameter_bytes));
        return cudaErrorInvalidValue;
    }
    return check_attributes(config);
}

void run_grid(const cudaLaunchConfig_t& config, const Call& call, bool early, bool fail_midway) {
    running.starts_early = early;
    gridDim = config.gridDim;
    blockDim = config.blockDim;
    running.kernel = call.kernel;
    running.threads = std::uint64_t{blockDim.x} * blockDim.y * blockDim.z;
    running.blocks = std::uint64_t{gridDim.x} * gridDim.y * gridDim.z;
    const std::uint64_t stop = fail_midway ? running.blocks / 2 : running.blocks;
    cudaError_t error = fail_midway ? cudaErrorLaunchFailure : cudaSuccess;
    if (race_hooks != nullptr) race_hooks->launch_begins();
    blockIdx = {0, 0, 0};
    for (running.block = 0; running.block < stop; ++running.block) {
        if (race_hooks != nullptr) race_hooks->block_begins();
        open_shared(config.dynamicSmemBytes);
        const bool whole = Block::the().run(call, error);
        end_copies(whole);
        close_shared();
        if (race_hooks != nullptr) race_hooks->block_ends();
        if (!whole) break;
        if (++blockIdx.x == gridDim.x) {
            blockIdx.x = 0;
            if (++blockIdx.y == gridDim.y) {
                blockIdx.y = 0;
                ++blockIdx.z;
            }
        }
    }
    state().pending = error;
}

void start(const cudaLaunchConfig_t& config, const Call& call, bool early) {
    State& s = state();
    ++s.counters.launches;
    s.counters.early_launches += early;
    ++s.launches_by_kernel[call.kernel];
    running.launch = ++s.launches;
    if (device_runs()) run_grid(config, call, early, s.launches == device().fail_kernel);
}

}  // namespace

cudaError_t launch(const cudaLaunchConfig_t& config, const Call& call) {
    State& s = state();
    const std::lock_guard lock(s.mutex);
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    if (running.inside_kernel) {
        add_fault("a launch from inside a kernel");
        return end_call(cudaErrorNotSupported);
    }
    if (const cudaError_t error = check_configuration(config, call); error != cudaSuccess)
        return refuse(config.stream, error);
    std::shared_ptr<const void> kept;
    Node node{NodeKind::kernel, call.kernel, {}};
    node.shape = {config.gridDim, config.blockDim, config.dynamicSmemBytes};
    if (capture_of(config.stream) != nullptr) kept = call.keep(call.arguments);
    node.run = [config, call, kept, early = starts_early(config)] {
        Call now = call;
        if (kept != nullptr) now.arguments = kept.get();
        start(config, now, early);
        return cudaSuccess;
    };
    return issue(config.stream, std::move(node));
}

cudaError_t set_attribute(const void* kernel, cudaFuncAttribute attribute, int value) {
    const std::lock_guard lock(state().mutex);
    if (const cudaError_t error = begin_call(); error != cudaSuccess) return end_call(error);
    if (kernel == nullptr) return end_call(cudaErrorInvalidDeviceFunction);
    if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) return cudaSuccess;
    if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize || value < 0 ||
        static_cast<std::size_t>(value) > device().shared_per_block_optin) {
        return end_call(cudaErrorInvalidValue);
    }
    state().shared_limits[kernel] = static_cast<std::size_t>(value);
    return cudaSuccess;
}

}  // namespace standin

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* kernel) {
    const std::lock_guard lock(standin::state().mutex);
    if (const cudaError_t error = standin::begin_call(); error != cudaSuccess) return standin::end_call(error);
    if (kernel == nullptr) return standin::end_call(cudaErrorInvalidDeviceFunction);
    ++standin::state().counters.kernel_queries;
    *attributes = {0, 0, 0, static_cast<int>(standin::max_threads), standin::registers_per_thread};
    return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* kernel, int threads,
                                                          std::size_t dynamic_shared_bytes) {
    const std::lock_guard lock(standin::state().mutex);
    cudaDeviceProp p;
    if (const cudaError_t error = cudaGetDeviceProperties(&p, 0); error != cudaSuccess) return error;
    if (kernel == nullptr) return standin::end_call(cudaErrorInvalidDeviceFunction);
    if (threads <= 0) return standin::end_call(cudaErrorInvalidValue);
    ++standin::state().counters.kernel_queries;
    const int whole_warps = (threads + p.warpSize - 1) / p.warpSize * p.warpSize;
    const auto shared =
        static_cast<int>(p.sharedMemPerMultiprocessor / (dynamic_shared_bytes + p.reservedSharedMemPerBlock));
    *blocks = std::min({p.maxThreadsPerMultiProcessor / whole_warps, p.maxBlocksPerMultiProcessor, shared,
                        p.regsPerBlock / (whole_warps * standin::registers_per_thread)});
    return cudaSuccess;
}
