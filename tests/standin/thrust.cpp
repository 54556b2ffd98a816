// What the algorithms in thrust/ share: counting, ranges, and errors that surface in them.
#include <stdexcept>

#include "memory.hpp"
#include "state.hpp"
#include "thrust/execution_policy.h"

namespace standin {

bool begin_algorithm(bool synchronous, cudaStream_t stream) {
    const std::lock_guard lock(state().mutex);
    ++state().counters.library_calls;
    if (synchronous) ++state().counters.synchronous_algorithms;
    cudaError_t error = synchronous ? begin_waiting_call() : begin_call();
    if (error == cudaSuccess && !valid_stream(stream)) error = cudaErrorInvalidResourceHandle;
    if (end_call(error) != cudaSuccess) throw std::runtime_error(cudaGetErrorString(error));
    return device_runs();
}

bool algorithm_range(const void* begin, std::size_t bytes, const char* algorithm) {
    const std::lock_guard lock(state().mutex);
    if (check_device_range(begin, bytes, algorithm)) return true;
    state().pending = cudaErrorIllegalAddress;
    return false;
}

}  // namespace standin
