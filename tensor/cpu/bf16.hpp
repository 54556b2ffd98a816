// Whether the CPU backend computes products in Precision::bf16.
#pragma once

namespace tensor::cpu {

/// True where this build has instructions for it and kernels that use them.
constexpr bool computes_bf16() { return false; }

}  // namespace tensor::cpu
