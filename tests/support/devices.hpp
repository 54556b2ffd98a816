// What the machine of a test has: a CUDA device, real or the host stand-in where the program is linked with it; and
// products of the processor in bf16.
#pragma once

#include "tensor/backend.hpp"
#include "tests/support/skip.hpp"

#if defined(TENSOR_CUDA_STANDIN)
#include "control.hpp"
#endif

namespace support {

/// True in the programs that run kernels on tests/standin/: small sizes only, and faults are collected.
#if defined(TENSOR_CUDA_STANDIN)
inline constexpr bool on_standin = true;
#else
inline constexpr bool on_standin = false;
#endif

/// True in the program whose kernels are checked for races, some ten times slower.
#if defined(MUSEGAN_RACE_CHECK)
inline constexpr bool race_checked = true;
#else
inline constexpr bool race_checked = false;
#endif

/// Why no device answers; "" if one does. On a machine that promises one (MUSEGAN_EXPECT_CUDA is set) a test must not
/// skip, so there the answer is always "".
inline std::string no_cuda_reason() {
    const tensor::CudaStatus status = tensor::cuda_status();
    return status.devices > 0 || std::getenv("MUSEGAN_EXPECT_CUDA") ? "" : "no CUDA device: " + status.explanation;
}

/// Every race, overrun, missing wait and deadlock that the stand-in has seen since the last call; "" on a real device.
inline std::string cuda_faults() {
    std::string text;
#if defined(TENSOR_CUDA_STANDIN)
    standin::check_guards();
    for (const std::string& fault : standin::take_faults()) text += fault + '\n';
#endif
    return text;
}

}  // namespace support

/// First line of a test of the CUDA backend.
#define NEEDS_CUDA()                                                                                  \
    do {                                                                                              \
        if (const std::string reason = support::no_cuda_reason(); !reason.empty()) SKIP_TEST(reason); \
    } while (false)

/// First line of a test of products in bf16 on the CPU.
#define NEEDS_BF16()                                                          \
    do {                                                                      \
        if (!tensor::cpu_backend().facts().computes(tensor::Precision::bf16)) \
            SKIP_TEST("no products in bf16 by this processor or build");      \
    } while (false)
