// What tiles multiply: numbers as they are, or in Precision::bf16 pairs of them, rounded, which one instruction
// multiplies and adds.
#pragma once

#include <algorithm>
#include <bit>
#include <type_traits>
#include <vector>

#include "tensor/bf16.hpp"
#include "tensor/cpu/bf16.hpp"
#include "tensor/cpu/vector.hpp"

#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

namespace tensor::cpu {

/// Two neighbours of an inner index in bfloat16, the first in the lower half.
using Bf16Pair = std::uint32_t;

/// The type of the numbers that an operand O is made of, and of the sums of their products.
template <typename O>
using Number = std::conditional_t<std::is_same_v<O, Bf16Pair>, float, O>;

/// Numbers in an element of an operand.
template <typename O>
inline constexpr std::int64_t numbers_per = std::is_same_v<O, Bf16Pair> ? 2 : 1;

/// Elements that hold `inner` neighbouring numbers; what is missing in the last one is 0.
template <typename O>
constexpr std::int64_t elements_for(std::int64_t inner) {
    return (inner + numbers_per<O> - 1) / numbers_per<O>;
}

/// sum += left * right, lane by lane; for pairs the products of both halves.
template <typename O>
inline void multiply_add(Vector<Number<O>>& sum, O left, const Vector<O>& right) {
    if constexpr (!std::is_same_v<O, Bf16Pair>) {
        sum += left * right;
    } else {
#if defined(__AVX512BF16__)
        const __m512i both = _mm512_set1_epi32(static_cast<int>(left));
        reinterpret_cast<__m512&>(sum) =
            _mm512_dpbf16_ps(reinterpret_cast<const __m512&>(sum), reinterpret_cast<const __m512bh&>(both),
                             reinterpret_cast<const __m512bh&>(right));
#endif
    }
}

constexpr Bf16Pair to_pair(float first, float second) { return to_bf16(first) | Bf16Pair{to_bf16(second)} << 16; }

/// to[i] = the pair of numbers 2 i and 2 i + 1 of `count` that follow each other.
inline void pair_neighbours(const float* from, std::int64_t count, Bf16Pair* to) {
    std::int64_t i = 0;
#if defined(__AVX512BF16__)
    for (; i + 32 <= count; i += 32) {
        const __m512bh pairs = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(from + i + 16), _mm512_loadu_ps(from + i));
        store<Bf16Pair>(std::bit_cast<Vector<Bf16Pair>>(pairs), to + i / 2);
    }
    if (i < count) {  // the lanes behind the end read and write nothing
        const std::uint32_t rest = (1u << (count - i)) - 1;
        const auto lower = static_cast<__mmask16>(rest), upper = static_cast<__mmask16>(rest >> 16);
        const __m512bh pairs =
            _mm512_cvtne2ps_pbh(_mm512_maskz_loadu_ps(upper, from + i + 16), _mm512_maskz_loadu_ps(lower, from + i));
        const auto stored = static_cast<__mmask16>((1u << ((count - i + 1) / 2)) - 1);
        _mm512_mask_storeu_epi32(to + i / 2, stored, std::bit_cast<__m512i>(pairs));
    }
#else
    for (; i < count; i += 2) to[i / 2] = to_pair(from[i], i + 1 < count ? from[i + 1] : 0.0f);
#endif
}

/// to[j] = the pair of first[j] and second[j]; of 0 where there is no second.
inline void pair_rows(const float* first, const float* second, std::int64_t count, Bf16Pair* to) {
    std::int64_t j = 0;
#if defined(__AVX512BF16__)
    typedef std::uint16_t Halves __attribute__((vector_size(32)));
    const auto rounded = [](const float* from) {
        const __m256bh sixteen = _mm512_cvtneps_pbh(_mm512_loadu_ps(from));
        return __builtin_convertvector(std::bit_cast<Halves>(sixteen), Vector<Bf16Pair>);
    };
    for (; second && j + 16 <= count; j += 16) store<Bf16Pair>(rounded(first + j) | rounded(second + j) << 16, to + j);
#endif
    for (; j < count; ++j) to[j] = to_pair(first[j], second ? second[j] : 0.0f);
}

/// Packs a block of b for tiles: `inner` rows of `count` numbers, `step` apart, or the transpose of such a block; the
/// rows of `to` are `width` elements, of which those behind `count` are 0.
template <typename O>
[[gnu::always_inline]] inline void pack_block(const Number<O>* b, std::int64_t step, bool transposed,
                                              std::int64_t inner, std::int64_t count, std::int64_t width, O* to) {
    for (std::int64_t k = 0; k < elements_for<O>(inner); ++k, to += width) {
        if constexpr (std::is_same_v<O, Bf16Pair>) {
            const bool is_whole = 2 * k + 1 < inner;
            if (!transposed) pair_rows(b + 2 * k * step, is_whole ? b + (2 * k + 1) * step : nullptr, count, to);
            else
                for (std::int64_t j = 0; j < count; ++j)
                    to[j] = to_pair(b[j * step + 2 * k], is_whole ? b[j * step + 2 * k + 1] : 0.0f);
        } else {
            if (transposed)
                for (std::int64_t j = 0; j < count; ++j) to[j] = b[j * step + k];
            else std::memcpy(to, b + k * step, static_cast<std::size_t>(count) * sizeof(O));
        }
        std::fill(to + count, to + width, O(0));
    }
}

}  // namespace tensor::cpu
