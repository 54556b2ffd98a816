// How the reference uses several threads: each block of results is one thread's, and what it computes for an element
// does not depend on the block that the element is in.
#pragma once

#include <cstdint>

#include "tensor/parallel.hpp"

namespace tensor::reference {

/// Results of an elementwise operator that one thread computes at a time.
inline constexpr std::int64_t element_block = 1 << 14;

/// Calls visit(begin, end) for [0, count) in blocks, on all threads.
template <typename Visit>
void for_each_block(std::int64_t count, std::int64_t block, const Visit& visit) {
    parallel_chunks(count, block, visit);
}

}  // namespace tensor::reference
