// Where an algorithm runs. Here it always runs on the host, at once or when a graph runs; a policy says whether the
// real algorithm would wait.
#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "cuda_runtime.h"

namespace standin {

/// Counts one algorithm of Thrust and does its work, unless a kernel has failed, so that nothing may run any more. The
/// first waits for the device; the second is captured where its stream captures, as a node of the kind `algorithm`.
/// Both throw thrust::system_error for an error that surfaces here.
void run_waiting(cudaStream_t stream, const std::function<void()>& work);
void run_without_waiting(cudaStream_t stream, const std::type_info& algorithm, std::function<void()> work);
/// Whether [begin, begin + bytes) lies in device memory; a fault and cudaErrorIllegalAddress if not.
bool algorithm_range(const void* begin, std::size_t bytes, const char* algorithm);

/// The same for the range of an iterator: checked if it is a pointer, taken as valid otherwise.
template <typename Iterator>
bool algorithm_range(Iterator begin, std::ptrdiff_t count, const char* algorithm) {
    if constexpr (std::is_pointer_v<Iterator>) {
        const auto bytes = static_cast<std::size_t>(count) * sizeof(std::remove_pointer_t<Iterator>);
        return algorithm_range(static_cast<const void*>(begin), bytes, algorithm);
    } else {
        return true;
    }
}

}  // namespace standin

namespace thrust {

namespace cuda {

template <bool synchronous>
struct Policy {
    cudaStream_t stream = nullptr;
    Policy on(cudaStream_t other) const { return {other}; }
};
/// par waits for the result, par_nosync does not.
constexpr Policy<true> par{};
constexpr Policy<false> par_nosync{};

}  // namespace cuda

constexpr cuda::Policy<true> device{};

}  // namespace thrust

namespace standin {

template <bool synchronous, typename Work>
void run_algorithm(const thrust::cuda::Policy<synchronous>& policy, Work work) {
    if constexpr (synchronous) run_waiting(policy.stream, work);
    else run_without_waiting(policy.stream, typeid(Work), std::move(work));
}

}  // namespace standin
