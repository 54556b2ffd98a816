// bfloat16: the upper half of a float. 1 sign bit, 8 bits of exponent, 7 stored bits of fraction, so it spans the range
// of a float with two to three decimal digits.
//
// These functions do what the processor's instructions do (AVX512_BF16: vcvtneps2bf16 rounds, vdpbf16ps multiplies and
// adds), bit by bit:
//
// clang-format off
//     a float                            becomes
//     a number of normal size            the nearest bfloat16; of two as near the even one (its last bit is 0)
//     beyond the largest bfloat16        by the same rule: from 2^128 (1 - 2^-9) on, an infinity of its sign
//     an infinity                        itself
//     a NaN                              a quiet NaN with its sign and the upper bits of its payload
//     0, or denormal (below 2^-126)      0 of its sign
// clang-format on
//
// vdpbf16ps sums in f32, rounds every sum to nearest even, takes denormal operands for 0 and turns denormal sums into
// 0. A product of two bfloat16 has at most 16 bits of fraction, so f32 holds it exactly wherever it is of normal size.
#pragma once

#include <bit>
#include <cstdint>

namespace tensor {

/// The bits of the nearest bfloat16, as the table above says.
constexpr std::uint16_t to_bf16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto upper = static_cast<std::uint16_t>(bits >> 16);
    const std::uint32_t exponent = bits >> 23 & 0xff, fraction = bits & 0x7fffff;
    if (exponent == 0) return upper & 0x8000;
    if (exponent == 0xff) return fraction == 0 ? upper : upper | 0x0040;
    // Adds half of the last bit that stays, or just less where that bit is 0; a carry moves into the exponent.
    return static_cast<std::uint16_t>((bits + 0x7fff + (upper & 1)) >> 16);
}

/// The float of these bits, exact: every bfloat16 is a float, denormal ones too.
constexpr float from_bf16(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

/// The operand that a product in Precision::bf16 multiplies.
constexpr float round_to_bf16(float value) { return from_bf16(to_bf16(value)); }

}  // namespace tensor
