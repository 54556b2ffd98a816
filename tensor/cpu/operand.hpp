// What tiles multiply: numbers as they are, or in Precision::bf16 pairs of them, rounded, which one instruction
// multiplies and adds.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

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

#if defined(__AVX512BF16__)
/// The pairs of 32 numbers that follow each other.
inline Vector<Bf16Pair> pairs_of(const Vector<float>& lower, const Vector<float>& upper) {
    return std::bit_cast<Vector<Bf16Pair>>(_mm512_cvtne2ps_pbh(upper, lower));
}
#endif

/// to[i] = the pair of numbers 2 i and 2 i + 1 of `count` that follow each other.
inline void pair_neighbours(const float* from, std::int64_t count, Bf16Pair* to) {
    std::int64_t i = 0;
#if defined(__AVX512BF16__)
    for (; i + 32 <= count; i += 32) store<Bf16Pair>(pairs_of(load(from + i), load(from + i + 16)), to + i / 2);
    if (i < count) {  // the lanes behind the end read and write nothing
        const std::uint32_t rest = (1u << (count - i)) - 1;
        const Vector<Bf16Pair> pairs =
            pairs_of(_mm512_maskz_loadu_ps(static_cast<__mmask16>(rest), from + i),
                     _mm512_maskz_loadu_ps(static_cast<__mmask16>(rest >> 16), from + i + 16));
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

/// Exchanges the squares of d x d lanes beside the diagonal of each square of 2 d x 2 d.
template <typename O, int d, std::size_t... k>
inline void exchange(Vector<O>& a, Vector<O>& b, std::index_sequence<k...>) {
    constexpr int n = static_cast<int>(lanes<O>);
    const Vector<O> first =
        __builtin_shufflevector(a, b, (static_cast<int>(k) & d ? n + static_cast<int>(k) - d : static_cast<int>(k))...);
    b = __builtin_shufflevector(a, b, (static_cast<int>(k) & d ? n + static_cast<int>(k) : static_cast<int>(k) + d)...);
    a = first;
}
/// Transposes a square of lanes x lanes elements in registers.
template <typename O, int d = 1>
inline void transpose(Vector<O> (&rows)[lanes<O>]) {
#pragma GCC unroll 16
    for (int r = 0; r < lanes<O>; ++r)
        if ((r & d) == 0) exchange<O, d>(rows[r], rows[r + d], std::make_index_sequence<lanes<O>>());
    if constexpr (2 * d < lanes<O>) transpose<O, 2 * d>(rows);
}

/// A vector of the elements that numbers following each other make up.
template <typename O>
inline Vector<O> load_elements(const Number<O>* from) {
    if constexpr (std::is_same_v<O, Bf16Pair>) {
        Vector<O> pairs;
        pair_neighbours(from, 2 * lanes<O>, reinterpret_cast<Bf16Pair*>(&pairs));
        return pairs;
    } else {
        return load(from);
    }
}

/// Packs the transpose of a block: `count` rows of `inner` numbers become elements_for(inner) rows of `width` elements.
template <typename O>
void pack_transposed(const Number<O>* b, std::int64_t step, std::int64_t inner, std::int64_t count, std::int64_t width,
                     O* to) {
    constexpr std::int64_t numbers = lanes<O> * numbers_per<O>;
    const std::int64_t squares = count / lanes<O> * lanes<O>, whole = inner / numbers * numbers;
    for (std::int64_t j = 0; j < squares; j += lanes<O>)
        for (std::int64_t k = 0; k < whole; k += numbers) {
            Vector<O> square[lanes<O>];
            for (std::int64_t r = 0; r < lanes<O>; ++r) square[r] = load_elements<O>(b + (j + r) * step + k);
            transpose<O>(square);
            for (std::int64_t r = 0; r < lanes<O>; ++r) store<O>(square[r], to + (k / numbers_per<O> + r) * width + j);
        }
    const auto element = [&](std::int64_t j, std::int64_t k) -> O {
        const Number<O>* const from = b + j * step + k * numbers_per<O>;
        if constexpr (numbers_per<O> == 1) return *from;
        else return to_pair(from[0], 2 * k + 1 < inner ? from[1] : 0.0f);
    };
    for (std::int64_t k = 0; k < elements_for<O>(inner); ++k) {
        O* const row = to + k * width;
        for (std::int64_t j = k < whole / numbers_per<O> ? squares : 0; j < count; ++j) row[j] = element(j, k);
        std::fill(row + count, row + width, O(0));
    }
}

/// Packs a block of b for tiles: `inner` rows of `count` numbers, `step` apart; the rows of `to` are `width` elements,
/// of which those behind `count` are 0.
template <typename O>
[[gnu::always_inline]] inline void pack_block(const Number<O>* b, std::int64_t step, std::int64_t inner,
                                              std::int64_t count, std::int64_t width, O* to) {
    for (std::int64_t k = 0; k < elements_for<O>(inner); ++k, to += width) {
        if constexpr (std::is_same_v<O, Bf16Pair>)
            pair_rows(b + 2 * k * step, 2 * k + 1 < inner ? b + (2 * k + 1) * step : nullptr, count, to);
        else std::memcpy(to, b + k * step, static_cast<std::size_t>(count) * sizeof(O));
        std::fill(to + count, to + width, O(0));
    }
}

}  // namespace tensor::cpu
