// Whether the CPU backend computes products in Precision::bf16.
#pragma once

namespace tensor::cpu {

/// True where this build has instructions for it: AVX512_BF16, if the processor of a native build has them.
constexpr bool computes_bf16() {
#if defined(__AVX512BF16__)
    return true;
#else
    return false;
#endif
}

}  // namespace tensor::cpu
