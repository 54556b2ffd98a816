// Division of indexes by a number that the host knows. A GPU has no instruction for it: a division of 64 bits is some
// 25, or a call of some 75 where the numbers are longer than 32 bits. A multiplication by the reciprocal, prepared on
// the host, takes four of 32 bits, or some 15 of 64 bits.
#pragma once

#include <cstdint>

#include "tensor/functors.hpp"

namespace tensor::cuda {

/// The upper half of the product.
TENSOR_HOST_DEVICE inline std::uint32_t multiply_high(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::uint32_t>((static_cast<std::uint64_t>(a) * b) >> 32);
}
TENSOR_HOST_DEVICE inline std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(a) * b) >> 64);
}

/// n / divisor for 0 <= n < 2^(bits - 1) and 1 <= divisor <= 2^(bits - 1), where Index has `bits` bits, as a
/// multiplication (Granlund and Montgomery, PLDI 1994, figure 4.1, which allows n up to 2^bits for three operations
/// more):
///
///     shift = ceil(log2 divisor),  multiplier = floor(2^bits (2^shift - divisor) / divisor) + 1,
///     quotient = (n + floor(n multiplier / 2^bits)) / 2^shift
template <typename Index>
struct DivisorOf {
    Index divisor = 1, multiplier = 1;
    std::uint32_t shift = 0;

    static DivisorOf of(Index divisor) {
        constexpr int bits = 8 * sizeof(Index);
        using Double = unsigned __int128;
        std::uint32_t shift = 0;
        while ((Double{1} << shift) < divisor) ++shift;
        const Double excess = (Double{1} << shift) - divisor;
        return {divisor, static_cast<Index>((excess << bits) / divisor + 1), shift};
    }
    TENSOR_HOST_DEVICE Index quotient(Index n) const { return (multiply_high(n, multiplier) + n) >> shift; }
    /// The quotient; n becomes the remainder.
    TENSOR_HOST_DEVICE Index split(Index& n) const {
        const Index result = quotient(n);
        n -= result * divisor;
        return result;
    }
};

/// For numbers below 2^31.
using Divisor = DivisorOf<std::uint32_t>;
/// For numbers below 2^63.
using WideDivisor = DivisorOf<std::uint64_t>;

}  // namespace tensor::cuda
