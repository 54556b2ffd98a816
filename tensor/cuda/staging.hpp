// Copies from the host's memory, of whatever kind, that have read it all when they return.
#pragma once

#include <array>
#include <cstddef>

#include "tensor/cuda/runtime.hpp"

namespace tensor::cuda {

/// Memory of the host that the device reads by itself, at its own time ("pinned").
using PinnedMemory = Owned<void*, cudaFreeHost>;

/// The runtime need not have read ordinary memory when an asynchronous copy from it returns, and where the device sees
/// the host's memory it does not. So the bytes go through pinned buffers, two of which take turns: while the device
/// reads one, the host fills the other, and a large array streams. The host waits only for a buffer that the device has
/// not read yet; small copies share one.
class Staging {
  public:
    static constexpr std::size_t buffer_bytes = std::size_t{4} << 20;

    /// Issues the copy of `bytes` from `host` to `device` on `stream`; the caller may then do with `host` what it
    /// likes. Throws Error if the host has no memory to pin.
    void copy(const void* host, void* device, std::size_t bytes, cudaStream_t stream);

  private:
    struct Buffer {
        PinnedMemory memory;
        Event read;  ///< recorded when the buffer is full
        std::size_t used = 0;
    };
    /// The buffer to fill, with room for a byte at least.
    Buffer& buffer_with_room(cudaStream_t stream);

    std::array<Buffer, 2> buffers_;
    std::size_t current_ = 0;
};

}  // namespace tensor::cuda
