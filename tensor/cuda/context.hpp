// What every launch needs to know of the device it runs on. Plain data: kernel files include it too.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

namespace tensor::cuda {

/// A device and the stream on which its work is issued now, in order. Work on one stream never overlaps, so a block of
/// the arena may be handed on as soon as its last user has been issued; of two streams the arena is told (ForkScope).
struct Context {
    int device = 0;
    cudaStream_t stream = nullptr;
    int capability = 0;                ///< compute capability times ten: 80 is 8.0
    int processors = 1;                ///< streaming multiprocessors
    std::size_t shared_per_block = 0;  ///< bytes of shared memory that one block may ask for
    bool can_start_early = false;  ///< whether a kernel may be launched before its predecessor has ended (launch.cuh)
    /// Whether the last thing on the stream is a kernel of ours. `launch` says so; whoever puts anything else there, or
    /// makes it another stream, says that it is not.
    mutable bool is_behind_kernel = false;
};

}  // namespace tensor::cuda
