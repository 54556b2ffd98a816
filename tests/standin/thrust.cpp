// What the algorithms in thrust/ share: counting, ranges, capture, and errors that surface in them.
#include "capture.hpp"
#include "hooks.hpp"
#include "memory.hpp"
#include "thrust/execution_policy.h"
#include "thrust/system_error.h"

#include <string_view>

namespace standin {

namespace {

/// Thrust takes the error out of the runtime and throws it.
void require(cudaError_t error) {
    if (error == cudaSuccess) return;
    cudaGetLastError();
    throw thrust::system_error(error);
}

}  // namespace

void run_waiting(cudaStream_t stream, const std::function<void()>& work) {
    const std::lock_guard lock(state().mutex);
    require(end_call(conflict_with_waiting(stream)));
    ++state().counters.library_calls;
    ++state().counters.synchronous_algorithms;
    cudaError_t error = begin_waiting_call();
    if (error == cudaSuccess && !valid_stream(stream)) error = cudaErrorInvalidResourceHandle;
    require(end_call(error));
    if (device_runs()) work();
}

void run_without_waiting(cudaStream_t stream, const std::type_info& algorithm, std::function<void()> work) {
    const std::lock_guard lock(state().mutex);
    require(issue(stream, {NodeKind::algorithm, &algorithm, [run = std::move(work)] {
                               ++state().counters.library_calls;
                               if (device_runs()) run();
                               return cudaSuccess;
                           }}));
}

bool algorithm_range(const void* begin, std::size_t bytes, const char* algorithm) {
    const std::lock_guard lock(state().mutex);
    if (!check_device_range(begin, bytes, algorithm)) {
        state().pending = cudaErrorIllegalAddress;
        return false;
    }
    const std::string_view words = algorithm;
    const bool reads = words.ends_with("input") || words.find("reduce") != words.npos;
    note_node_access(begin, bytes, reads ? Access::read : Access::write);
    return true;
}

}  // namespace standin
