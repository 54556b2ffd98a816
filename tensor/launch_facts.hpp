// How a kernel occupies a GPU.
#pragma once

#include <array>
#include <cstdint>

namespace tensor {

struct LaunchFacts {
    std::array<unsigned, 3> grid{1, 1, 1}, block{1, 1, 1};
    int registers = 0;              ///< per thread
    std::int64_t shared_bytes = 0;  ///< per block: static and dynamic
    /// Warps that can be resident on a multiprocessor at once, as a share of those that it has room for. 0: unknown.
    double occupancy = 0;
};

}  // namespace tensor
