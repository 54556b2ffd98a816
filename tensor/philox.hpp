// Philox4x32-10, a counter-based generator: a pure function of (key, counter), equal on every device. Salmon, Moraes,
// Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "tensor/functors.hpp"

namespace tensor {

using PhiloxBlock = std::array<std::uint32_t, 4>;

/// One block of four 32-bit words. Ten rounds of two 32x32 -> 64 multiplications and key bumps.
TENSOR_HOST_DEVICE inline PhiloxBlock philox(std::uint64_t key, std::uint64_t counter_low, std::uint64_t counter_high) {
    std::uint32_t c0 = static_cast<std::uint32_t>(counter_low), c1 = static_cast<std::uint32_t>(counter_low >> 32);
    std::uint32_t c2 = static_cast<std::uint32_t>(counter_high), c3 = static_cast<std::uint32_t>(counter_high >> 32);
    std::uint32_t k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c0;
        const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * c2;
        const std::uint32_t n0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ k0;
        const std::uint32_t n2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ k1;
        c1 = static_cast<std::uint32_t>(p1);
        c3 = static_cast<std::uint32_t>(p0);
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;  // the golden ratio and sqrt(3) - 1, as in the paper
        k1 += 0xBB67AE85u;
    }
    return {c0, c1, c2, c3};
}

/// A uniform number in [0, 1) with 24 random bits: exact in f32, so f32 and f64 draw the same value.
TENSOR_HOST_DEVICE inline float philox_uniform(std::uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24f; }

/// Two standard normal numbers from two words (Box and Muller 1958), in f64 so that devices agree after rounding.
struct NormalPair {
    double first, second;
};
TENSOR_HOST_DEVICE inline NormalPair philox_normals(std::uint32_t a, std::uint32_t b) {
    // (word + 1) / 2^32 lies in (0, 1], so the logarithm is finite.
    const double radius = std::sqrt(-2.0 * std::log((static_cast<double>(a) + 1.0) * 0x1p-32));
    const double angle = 6.283185307179586476925 * (static_cast<double>(b) * 0x1p-32);
    return {radius * std::cos(angle), radius * std::sin(angle)};
}

/// A stream of random numbers: a seed, a stream number (what the numbers are for) and how many blocks are used up. It
/// is a value: store it in a checkpoint, and the run goes on where it stopped.
struct RandomStream {
    std::uint64_t seed = 0;
    std::uint64_t stream = 0;
    std::uint64_t position = 0;  ///< blocks of four words drawn so far
    /// If not null, where the device finds, when it draws, how many had been drawn before: `position` counts from there
    /// (repetition.hpp).
    const std::uint64_t* origin = nullptr;

    /// The block that is drawn next. Where there is an origin, to be asked on the device.
    TENSOR_HOST_DEVICE std::uint64_t next_block() const { return position + (origin ? *origin : 0); }
    PhiloxBlock next() {
        const PhiloxBlock block = philox(seed, next_block(), stream);
        ++position;
        return block;
    }
    /// A whole number in [0, bound), without bias: words beyond the last multiple of the bound are redrawn. bound >= 1.
    std::uint64_t below(std::uint64_t bound) {
        const std::uint64_t limit = bound == 0 ? 0 : ~std::uint64_t{0} - ~std::uint64_t{0} % bound;
        for (;;) {
            const PhiloxBlock block = next();
            const std::uint64_t word = std::uint64_t{block[0]} | std::uint64_t{block[1]} << 32;
            if (limit == 0 || word < limit) return bound == 0 ? 0 : word % bound;
        }
    }
    bool operator==(const RandomStream&) const = default;
};

}  // namespace tensor
