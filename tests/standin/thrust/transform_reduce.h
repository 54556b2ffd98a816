#pragma once

#include "execution_policy.h"

namespace thrust {

/// The result is returned to the host, so a reduction waits under either policy.
template <bool synchronous, typename Iterator, typename Unary, typename T, typename Binary>
T transform_reduce(const cuda::Policy<synchronous>& policy, Iterator begin, Iterator end, Unary unary, T initial,
                   Binary binary) {
    standin::run_waiting(policy.stream, [&] {
        if (!standin::algorithm_range(begin, end - begin, "thrust::transform_reduce")) return;
        for (Iterator at = begin; at != end; ++at) initial = binary(initial, unary(*at));
    });
    return initial;
}

}  // namespace thrust
