#include "tensor/cuda/occupancy.hpp"

#include <map>
#include <mutex>
#include <tuple>

#include "tensor/cuda/runtime.hpp"

namespace tensor::cuda {

namespace {

/// Resident warps as a share of those that a multiprocessor has room for: a block takes whole warps.
double occupancy_of(const Context& context, const void* kernel, int threads, std::size_t shared_bytes) {
    int blocks = 0, warp = 0, most_threads = 0;
    check("occupancy", cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, threads, shared_bytes));
    check("occupancy", cudaDeviceGetAttribute(&warp, cudaDevAttrWarpSize, context.device));
    check("occupancy", cudaDeviceGetAttribute(&most_threads, cudaDevAttrMaxThreadsPerMultiProcessor, context.device));
    const int resident = blocks * ((threads + warp - 1) / warp) * warp;
    return most_threads > 0 ? static_cast<double>(resident) / most_threads : 0;
}

LaunchFacts ask(const Context& context, const void* kernel, int threads, std::size_t shared_bytes) {
    cudaFuncAttributes attributes{};
    check("occupancy", cudaFuncGetAttributes(&attributes, kernel));
    return {.registers = attributes.numRegs,
            .shared_bytes = static_cast<std::int64_t>(attributes.sharedSizeBytes + shared_bytes),
            .occupancy = occupancy_of(context, kernel, threads, shared_bytes)};
}

}  // namespace

LaunchFacts launch_facts(const Context& context, const void* kernel, const LaunchShape& shape) {
    static std::mutex mutex;
    static std::map<std::tuple<int, const void*, int, std::size_t>, LaunchFacts> known;
    const int threads = static_cast<int>(shape.block.x * shape.block.y * shape.block.z);
    const std::lock_guard lock(mutex);
    const std::tuple key(context.device, kernel, threads, shape.shared_bytes);
    auto found = known.find(key);
    if (found == known.end()) found = known.emplace(key, ask(context, kernel, threads, shape.shared_bytes)).first;
    LaunchFacts facts = found->second;
    facts.grid = {shape.grid.x, shape.grid.y, shape.grid.z};
    facts.block = {shape.block.x, shape.block.y, shape.block.z};
    return facts;
}

}  // namespace tensor::cuda
