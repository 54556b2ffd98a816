// Where numbers are positive, one bit each (tensor/packed_bits.hpp): a vector of them at a time, with the instructions
// that compare.
#pragma once

#include <cstdint>

#if defined(__SSE__)
#include <immintrin.h>
#endif

#include "tensor/cpu/vector.hpp"
#include "tensor/functors.hpp"

namespace tensor::cpu {

/// Bit k is 1 where values[k] > 0, of `count` values; the others are 0.
template <typename T>
inline std::uint8_t positive_byte(const T* values, std::int64_t count) {
    std::uint32_t byte = 0;
    for (std::int64_t k = 0; k < count; ++k) byte |= std::uint32_t{is_positive(values[k])} << k;
    return static_cast<std::uint8_t>(byte);
}

/// Where the numbers of a vector are positive, from bit 0 on.
template <typename T>
inline std::uint32_t positive_lanes(const Vector<T>& vector) {
    std::uint32_t bits = 0;
    for (std::int64_t k = 0; k < lanes<T>; ++k) bits |= std::uint32_t{vector[k] > T(0)} << k;
    return bits;
}
#if defined(__AVX512F__)
template <>
inline std::uint32_t positive_lanes<float>(const Vector<float>& vector) {
    return _mm512_cmp_ps_mask(reinterpret_cast<const __m512&>(vector), _mm512_setzero_ps(), _CMP_GT_OQ);
}
template <>
inline std::uint32_t positive_lanes<double>(const Vector<double>& vector) {
    return _mm512_cmp_pd_mask(reinterpret_cast<const __m512d&>(vector), _mm512_setzero_pd(), _CMP_GT_OQ);
}
#elif defined(__AVX__)
template <>
inline std::uint32_t positive_lanes<float>(const Vector<float>& vector) {
    const __m256 values = reinterpret_cast<const __m256&>(vector);
    return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(values, _mm256_setzero_ps(), _CMP_GT_OQ)));
}
#elif defined(__SSE__)
template <>
inline std::uint32_t positive_lanes<float>(const Vector<float>& vector) {
    const __m128 values = reinterpret_cast<const __m128&>(vector);
    return static_cast<std::uint32_t>(_mm_movemask_ps(_mm_cmpgt_ps(values, _mm_setzero_ps())));
}
#endif

/// positive_bits of the numbers [place, place + lanes), a vector; place is a multiple of the lanes.
template <typename T>
inline void store_positive_bits(const Vector<T>& vector, std::uint8_t* bits, std::int64_t place) {
    const std::uint32_t some = positive_lanes<T>(vector);
    std::uint8_t* const byte = bits + place / 8;
    if constexpr (lanes<T> >= 8) {
        for (std::int64_t i = 0; i < lanes<T> / 8; ++i) byte[i] = static_cast<std::uint8_t>(some >> 8 * i);
    } else {
        const std::uint32_t own = ((1u << lanes<T>)-1u) << place % 8;
        *byte = static_cast<std::uint8_t>((*byte & ~own) | some << place % 8);
    }
}

}  // namespace tensor::cpu
