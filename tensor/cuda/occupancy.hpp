// How a launch occupies the device, for whoever observes it. Plain C++.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>

#include "tensor/cuda/context.hpp"
#include "tensor/launch_facts.hpp"

namespace tensor::cuda {

struct LaunchShape {
    dim3 grid{1}, block{1};
    std::size_t shared_bytes = 0;  ///< dynamic shared memory of a block
};

/// What the runtime says of `kernel` in this shape; asked once per device, kernel, block and shared memory. Throws
/// Error if the runtime cannot say it.
LaunchFacts launch_facts(const Context& context, const void* kernel, const LaunchShape& shape);

}  // namespace tensor::cuda
