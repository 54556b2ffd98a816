// How the reference uses several threads: each block of results is one thread's, and what it computes for an element
// does not depend on the block that the element is in.
#pragma once

#include <algorithm>
#include <cstdint>

namespace tensor::reference {

/// Results of an elementwise operator that one thread computes at a time.
inline constexpr std::int64_t element_block = 1 << 14;

/// Calls visit(begin, end) for [0, count) in blocks, on all threads. visit throws nothing.
template <typename Visit>
void for_each_block(std::int64_t count, std::int64_t block, const Visit& visit) {
#pragma omp parallel for schedule(dynamic) if (count > block)
    for (std::int64_t begin = 0; begin < count; begin += block) visit(begin, std::min(begin + block, count));
}

}  // namespace tensor::reference
