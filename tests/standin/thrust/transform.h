#pragma once

#include <algorithm>

#include "execution_policy.h"

namespace thrust {

template <bool synchronous, typename In, typename Out, typename Function>
Out transform(const cuda::Policy<synchronous>& policy, In begin, In end, Out out, Function function) {
    const auto count = end - begin;
    standin::run_algorithm(policy, [=] {
        if (standin::algorithm_range(begin, count, "thrust::transform, input") &&
            standin::algorithm_range(out, count, "thrust::transform, output")) {
            std::transform(begin, end, out, function);
        }
    });
    return out + count;
}

template <bool synchronous, typename In, typename In2, typename Out, typename Function>
Out transform(const cuda::Policy<synchronous>& policy, In begin, In end, In2 second, Out out, Function function) {
    const auto count = end - begin;
    standin::run_algorithm(policy, [=] {
        if (standin::algorithm_range(begin, count, "thrust::transform, input") &&
            standin::algorithm_range(second, count, "thrust::transform, second input") &&
            standin::algorithm_range(out, count, "thrust::transform, output")) {
            std::transform(begin, end, second, out, function);
        }
    });
    return out + count;
}

}  // namespace thrust
