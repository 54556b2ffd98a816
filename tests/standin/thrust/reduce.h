#pragma once

#include <functional>
#include <numeric>

#include "execution_policy.h"

namespace thrust {

/// The result is returned to the host, so a reduction waits under either policy.
template <bool synchronous, typename Iterator, typename T, typename Function = std::plus<>>
T reduce(const cuda::Policy<synchronous>& policy, Iterator begin, Iterator end, T initial, Function function = {}) {
    standin::run_waiting(policy.stream, [&] {
        if (standin::algorithm_range(begin, end - begin, "thrust::reduce"))
            initial = std::accumulate(begin, end, initial, function);
    });
    return initial;
}

}  // namespace thrust
