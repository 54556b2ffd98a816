#pragma once

#include <functional>
#include <numeric>

#include "execution_policy.h"

namespace thrust {

template <bool synchronous, typename In, typename Out, typename Function = std::plus<>>
Out inclusive_scan(const cuda::Policy<synchronous>& policy, In begin, In end, Out out, Function function = {}) {
    const auto count = end - begin;
    standin::run_algorithm(policy, [=] {
        if (standin::algorithm_range(begin, count, "thrust::inclusive_scan, input") &&
            standin::algorithm_range(out, count, "thrust::inclusive_scan, output")) {
            std::inclusive_scan(begin, end, out, function);
        }
    });
    return out + count;
}

template <bool synchronous, typename In, typename Out, typename T, typename Function = std::plus<>>
Out exclusive_scan(const cuda::Policy<synchronous>& policy, In begin, In end, Out out, T initial,
                   Function function = {}) {
    const auto count = end - begin;
    standin::run_algorithm(policy, [=] {
        if (standin::algorithm_range(begin, count, "thrust::exclusive_scan, input") &&
            standin::algorithm_range(out, count, "thrust::exclusive_scan, output")) {
            std::exclusive_scan(begin, end, out, initial, function);
        }
    });
    return out + count;
}

}  // namespace thrust
