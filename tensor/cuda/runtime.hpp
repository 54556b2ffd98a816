// The CUDA runtime in C++ terms: errors become exceptions, handles are owned by values.
#pragma once

#include <cuda_runtime.h>

#include <utility>

namespace tensor::cuda {

/// Throws Error("[where] CUDA: ... (name), hint") unless `status` is cudaSuccess.
void check(const char* where, cudaError_t status);

/// Owns one handle of a C interface: moved, never copied, destroyed once. `destroy` must not throw.
template <typename Handle, auto destroy>
class Owned {
  public:
    Owned() = default;
    explicit Owned(Handle handle) : handle_(handle) {}
    Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, Handle{})) {}
    Owned& operator=(Owned&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Owned() {
        if (handle_ != Handle{}) destroy(handle_);
    }
    Handle get() const { return handle_; }

  private:
    Handle handle_{};
};

using Stream = Owned<cudaStream_t, cudaStreamDestroy>;
using Event = Owned<cudaEvent_t, cudaEventDestroy>;

/// make_stream: a stream that does not wait for the legacy default stream. make_event: an event that only orders work
/// or, if timed, also measures.
Stream make_stream();
Event make_event(bool timed = false);

}  // namespace tensor::cuda
