#include "tensor/cuda/staging.hpp"

#include <algorithm>
#include <cstring>

namespace tensor::cuda {

Staging::Buffer& Staging::buffer_with_room(cudaStream_t stream) {
    Buffer* buffer = &buffers_[current_];
    if (buffer->used == buffer_bytes) {
        check("from_host", cudaEventRecord(buffer->read.get(), stream));
        current_ = (current_ + 1) % buffers_.size();
        buffer = &buffers_[current_];
        if (buffer->used > 0) check("from_host", cudaEventSynchronize(buffer->read.get()));
        buffer->used = 0;
    }
    if (!buffer->memory.get()) {
        void* memory = nullptr;
        check("from_host", cudaMallocHost(&memory, buffer_bytes));
        buffer->memory = PinnedMemory(memory);
        buffer->read = make_event();
    }
    return *buffer;
}

void Staging::copy(const void* host, void* device, std::size_t bytes, cudaStream_t stream) {
    const auto* from = static_cast<const std::byte*>(host);
    auto* to = static_cast<std::byte*>(device);
    while (bytes > 0) {
        Buffer& buffer = buffer_with_room(stream);
        const std::size_t here = std::min(bytes, buffer_bytes - buffer.used);
        std::byte* const staged = static_cast<std::byte*>(buffer.memory.get()) + buffer.used;
        std::memcpy(staged, from, here);
        buffer.used += here;
        check("from_host", cudaMemcpyAsync(to, staged, here, cudaMemcpyHostToDevice, stream));
        from += here;
        to += here;
        bytes -= here;
    }
}

}  // namespace tensor::cuda
