// Kernels are started here and nowhere else. Everything around a launch is here too: the stream, its name (inside those
// of layer and phase, through tensor/scope.hpp) as an NVTX range, the FLOPs and bytes and how the device is occupied
// for an observer, the permission to use much shared memory, and the check whether the launch was accepted.
//
// cudaLaunchKernelEx is what the triple angle brackets of CUDA C++ stand for; as a function it can be read by a plain
// C++ compiler too, which tests/standin/ relies on.
//
// Programmatic dependent launch, from compute capability 9.0 on: a launch that carries the attribute below may begin
// while the kernel before it still runs, as soon as each of that one's blocks has let it (begin_kernel in
// instructions.cuh, with which every kernel begins), and waits there for its end. Neither reads nor writes move, only
// the launch and the first instructions do. The runtime's headers promise this for "the previous kernel in the stream"
// and, of a graph, for edges "between kernel nodes" with one outgoing port each. So a launch carries the attribute only
// directly behind another one from here on the same stream: not as the first of a capture or of a branch, nor behind a
// join, which is an edge of two kernels, a copy, a fill, an event or a graph, nor behind a library's kernel, which we
// do not see. There it is launched as ever, and what it waits for in begin_kernel has ended. While somebody observes it
// is not carried either: a mark lies between two launches, and times of kernels that overlap mean little.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "tensor/cuda/context.hpp"
#include "tensor/cuda/instructions.cuh"
#include "tensor/cuda/launch_range.hpp"
#include "tensor/cuda/occupancy.hpp"

namespace tensor::cuda {

/// Runs kernel(arguments...) on the context's stream. An empty grid launches nothing. Throws Error naming operator,
/// layer and phase if the launch is refused.
template <typename... Parameters, typename... Arguments>
void launch(const Context& context, const Work& work, const LaunchShape& shape, void (*kernel)(Parameters...),
            const Arguments&... arguments) {
    if (shape.grid.x == 0 || shape.grid.y == 0 || shape.grid.z == 0) return;
    constexpr std::size_t granted_bytes = 48 << 10;  // beyond this a kernel has to ask
    const bool is_behind_kernel = context.is_behind_kernel;
    LaunchRange range(context, work);
    if (shape.shared_bytes > granted_bytes)
        range.check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                         static_cast<int>(shape.shared_bytes)));
    cudaLaunchConfig_t config{};
    config.gridDim = shape.grid;
    config.blockDim = shape.block;
    config.dynamicSmemBytes = shape.shared_bytes;
    config.stream = context.stream;
    cudaLaunchAttribute early{};
    early.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    early.val.programmaticStreamSerializationAllowed = 1;
    config.attrs = &early;
    config.numAttrs = context.can_start_early && is_behind_kernel && !range.observed() ? 1 : 0;
    range.check(cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...));
    context.is_behind_kernel = !range.observed();
    if (range.observed()) range.issued(launch_facts(context, reinterpret_cast<const void*>(kernel), shape));
}

constexpr int block_threads = 256;

constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// One thread per item, in blocks of 256, at most 2^31 - 1 blocks: beyond that, each thread takes further items, one
/// grid apart.
inline LaunchShape for_items(std::int64_t items) {
    const std::int64_t blocks = std::min<std::int64_t>(divide_up(items, block_threads), 0x7FFFFFFF);
    return {dim3(static_cast<unsigned>(blocks)), dim3(block_threads), 0};
}

#if defined(__CUDACC__) || defined(TENSOR_CUDA_STANDIN)

/// First item of this thread and the step to its next, for kernels launched with for_items. Their sum with an item fits
/// into Index where the number of items is below half of its range.
template <typename Index = std::int64_t>
__device__ inline Index first_item() {
    return static_cast<Index>(blockIdx.x) * blockDim.x + threadIdx.x;
}
template <typename Index = std::int64_t>
__device__ inline Index item_step() {
    return static_cast<Index>(gridDim.x) * blockDim.x;
}

#endif

}  // namespace tensor::cuda
