// What is known of a device before anything runs on it.
#pragma once

#include <cstdint>
#include <string>

namespace tensor {

struct DeviceFacts {
    /// What a user should know: the processor, or the GPU with its memory.
    std::string description;
    /// Whether products can be computed in Precision::tf32.
    bool has_tensor_cores = false;
    /// Whether an operator on few elements mostly costs its start, so that few large ones are better than many small
    /// ones.
    bool prefers_few_launches = false;
    /// Bytes of the arena that the backend takes for itself at the first product, beside all tensors.
    std::int64_t workspace_bytes = 0;
};

}  // namespace tensor
