#pragma once

#include <functional>
#include <numeric>

#include "execution_policy.h"

namespace thrust {

/// The result comes back to the host, so a reduction waits under either policy.
template <bool synchronous, typename Iterator, typename T, typename Function = std::plus<>>
T reduce(const cuda::Policy<synchronous>& policy, Iterator begin, Iterator end, T initial,
         Function function = {}) {
    if (!standin::begin_algorithm(true, policy.stream) ||
        !standin::algorithm_range(begin, end - begin, "thrust::reduce")) {
        return initial;
    }
    return std::accumulate(begin, end, initial, function);
}

}  // namespace thrust
