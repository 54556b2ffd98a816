// Half floats, IEEE 754 binary16: 1 sign bit, 5 bits of exponent, 10 stored bits of fraction. Files keep weights in
// them, in half the bytes; nothing computes with them. From 2^-14 to 65504 they have three to four decimal digits,
// below that steps of 2^-24.
//
// clang-format off
//     a float                            becomes
//     up to 65504 in size                the nearest half; of two as near the even one (its last bit is 0)
//     beyond                             by the same rule: from 65520 on, an infinity of its sign
//     an infinity                        itself
//     a NaN                              a quiet NaN with its sign and the upper bits of its payload
// clang-format on
#pragma once

#include <bit>
#include <cstdint>

namespace tensor {

inline constexpr float largest_f16 = 65504.0f;

/// The bits of the nearest half, as the table above says.
constexpr std::uint16_t to_f16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = bits >> 16 & 0x8000, size = bits & 0x7fffffff;
    const auto signed_bits = [&](std::uint32_t half) { return static_cast<std::uint16_t>(sign | half); };
    if (size > 0x7f800000) return signed_bits(0x7e00 | (size >> 13 & 0x3ff));
    if (size >= 0x477ff000) return signed_bits(0x7c00);  // 65520, half a step beyond the largest
    // Adds half of the last bit that stays, or just less where that bit is 0; a carry moves into the exponent.
    if (size >= 0x38800000) {  // 2^-14; the exponents' zeros lie 112 apart
        const std::uint32_t moved = size - (112u << 23);
        return signed_bits((moved + 0xfff + (moved >> 13 & 1)) >> 13);
    }
    if (size <= 0x33000000) return signed_bits(0);  // 2^-25, between 0 and the smallest
    const std::uint32_t fraction = (size & 0x7fffff) | 0x800000, shift = 126 - (size >> 23);
    return signed_bits((fraction + (1u << (shift - 1)) - 1 + (fraction >> shift & 1)) >> shift);
}

/// The float of these bits, exact: every half is a float.
constexpr float from_f16(std::uint16_t bits) {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000) << 16;
    const std::uint32_t exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
    if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000 | fraction << 13);
    if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(static_cast<float>(fraction) * 0x1p-24f));
}

}  // namespace tensor
