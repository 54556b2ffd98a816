// Where numbers are positive, one bit each (tensor/packed_bits.hpp): eight numbers to a byte, with the vector
// instructions that compare.
#pragma once

#include <cstdint>

#if defined(__SSE__)
#include <immintrin.h>
#endif

#include "tensor/functors.hpp"

namespace tensor::cpu {

/// Bit k is 1 where values[k] > 0, of `count` values; the others are 0.
template <typename T>
inline std::uint8_t positive_byte(const T* values, std::int64_t count) {
    std::uint32_t byte = 0;
    for (std::int64_t k = 0; k < count; ++k) byte |= std::uint32_t{is_positive(values[k])} << k;
    return static_cast<std::uint8_t>(byte);
}

template <typename T>
inline std::uint8_t positive_byte(const T* values) {
    return positive_byte(values, 8);
}

#if defined(__AVX__)
inline std::uint8_t positive_byte(const float* values) {
    return static_cast<std::uint8_t>(
        _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(values), _mm256_setzero_ps(), _CMP_GT_OQ)));
}
#elif defined(__SSE__)
inline std::uint8_t positive_byte(const float* values) {
    const auto four = [](const float* from) {
        return static_cast<unsigned>(_mm_movemask_ps(_mm_cmpgt_ps(_mm_loadu_ps(from), _mm_setzero_ps())));
    };
    return static_cast<std::uint8_t>(four(values) | four(values + 4) << 4);
}
#endif

}  // namespace tensor::cpu
