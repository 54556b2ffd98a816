#pragma once

#include <algorithm>
#include <functional>

#include "execution_policy.h"

namespace thrust {

template <bool synchronous, typename Iterator, typename Compare = std::less<>>
void stable_sort(const cuda::Policy<synchronous>& policy, Iterator begin, Iterator end, Compare compare = {}) {
    standin::run_algorithm(policy, [=] {
        if (standin::algorithm_range(begin, end - begin, "thrust::sort")) std::stable_sort(begin, end, compare);
    });
}

template <bool synchronous, typename Iterator, typename Compare = std::less<>>
void sort(const cuda::Policy<synchronous>& policy, Iterator begin, Iterator end, Compare compare = {}) {
    stable_sort(policy, begin, end, compare);
}

}  // namespace thrust
