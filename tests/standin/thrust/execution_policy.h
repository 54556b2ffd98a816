// Where an algorithm runs. Here it always runs at once on the host; a policy says whether the real one would
// wait.
#pragma once

#include <cstddef>
#include <iterator>
#include <type_traits>

#include "cuda_runtime.h"

namespace standin {

/// Counts one algorithm of Thrust, which waits for the device with `synchronous`; false if a kernel has
/// failed, so that nothing may run any more. Throws std::runtime_error as Thrust throws, if that error
/// surfaces here.
bool begin_algorithm(bool synchronous, cudaStream_t stream);
/// Whether [begin, begin + bytes) lies in device memory; a fault and cudaErrorIllegalAddress if not.
bool algorithm_range(const void* begin, std::size_t bytes, const char* algorithm);

/// The same for the range of an iterator: checked where it is a pointer, taken as it is otherwise.
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

template <bool synchronous>
bool begin_algorithm(const thrust::cuda::Policy<synchronous>& policy) {
    return begin_algorithm(synchronous, policy.stream);
}

}  // namespace standin
