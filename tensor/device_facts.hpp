// What is known of a device before anything runs on it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tensor/precision.hpp"

namespace tensor {

struct DeviceFacts {
    /// What a user should know: the processor, or the GPU with its memory.
    std::string description;
    /// What products can be computed in: always f32, and first.
    std::vector<Precision> precisions{Precision::f32};
    /// Whether an operator on few elements mostly costs its start, so that few large ones are better than many small
    /// ones.
    bool prefers_few_launches = false;
    /// Whether Backend::side_by_side may run two pieces of work at the same time. They then share less memory.
    bool runs_side_by_side = false;
    /// Bytes of the arena that the backend takes for itself at the first product, beside all tensors; and again at the
    /// first fork, which a rehearsal counts.
    std::int64_t workspace_bytes = 0;

    bool computes(Precision precision) const { return std::ranges::find(precisions, precision) != precisions.end(); }
    /// "f32 or bf16", for messages.
    std::string list_precisions() const {
        std::string text;
        for (const Precision each : precisions) text += std::string(text.empty() ? "" : " or ") + name_of(each);
        return text;
    }
};

}  // namespace tensor
