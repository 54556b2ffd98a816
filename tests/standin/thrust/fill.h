#pragma once

#include <algorithm>

#include "execution_policy.h"

namespace thrust {

template <bool synchronous, typename Iterator, typename T>
void fill(const cuda::Policy<synchronous>& policy, Iterator begin, Iterator end, const T& value) {
    standin::run_algorithm(policy, [=] {
        if (standin::algorithm_range(begin, end - begin, "thrust::fill")) std::fill(begin, end, value);
    });
}

template <bool synchronous, typename Iterator, typename Size, typename T>
Iterator fill_n(const cuda::Policy<synchronous>& policy, Iterator begin, Size count, const T& value) {
    fill(policy, begin, begin + count, value);
    return begin + count;
}

}  // namespace thrust
