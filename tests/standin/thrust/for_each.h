#pragma once

#include <algorithm>

#include "execution_policy.h"

namespace thrust {

template <bool synchronous, typename Iterator, typename Function>
Iterator for_each(const cuda::Policy<synchronous>& policy, Iterator begin, Iterator end, Function function) {
    standin::run_algorithm(policy, [=] {
        if (standin::algorithm_range(begin, end - begin, "thrust::for_each")) std::for_each(begin, end, function);
    });
    return end;
}

template <bool synchronous, typename Iterator, typename Size, typename Function>
Iterator for_each_n(const cuda::Policy<synchronous>& policy, Iterator begin, Size count, Function function) {
    return for_each(policy, begin, begin + count, function);
}

}  // namespace thrust
