// Exact: every rule of the table in bf16.hpp, and where the processor has the instruction, its own answers.
#include "tensor/bf16.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "tensor/reference/products.hpp"
#include "tests/support/random_data.hpp"
#include "tests/support/skip.hpp"

#if defined(__AVX512BF16__) && defined(__AVX512VL__)
#include <immintrin.h>
#endif

using tensor::from_bf16;
using tensor::round_to_bf16;
using tensor::to_bf16;

namespace {

float of_bits(std::uint32_t bits) { return std::bit_cast<float>(bits); }
std::uint32_t bits_of(float value) { return std::bit_cast<std::uint32_t>(value); }

/// Both signs and all exponents with fractions around every decision: nothing, ties and their neighbours, carries.
std::vector<float> decisive_floats() {
    std::vector<float> values;
    for (std::uint32_t upper = 0; upper < 1u << 16; ++upper)
        for (const std::uint32_t lower : {0u, 1u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu})
            values.push_back(of_bits(upper << 16 | lower));
    return values;
}

}  // namespace

TEST_CASE("every bfloat16 of normal size, zero or infinity is kept, and a NaN stays one with its sign") {
    for (std::uint32_t upper = 0; upper < 1u << 16; ++upper) {
        const auto bits = static_cast<std::uint16_t>(upper);
        const float value = from_bf16(bits);
        REQUIRE(bits_of(value) == upper << 16);
        const std::uint16_t back = to_bf16(value);
        if (std::isnan(value)) REQUIRE(back == (bits | 0x0040));
        else if (std::fpclassify(value) == FP_SUBNORMAL) REQUIRE(back == (bits & 0x8000));
        else REQUIRE(back == bits);
    }
}

TEST_CASE("a float of normal size becomes the nearest bfloat16, of two as near the even one") {
    for (const float value : decisive_floats()) {
        if (!std::isnormal(value)) continue;
        // The neighbours below and above in size; the upper one of the largest is 2^128, which stands for infinity.
        const auto below = static_cast<std::uint16_t>(bits_of(value) >> 16);
        const auto above = static_cast<std::uint16_t>(below + 1);
        const double size = std::abs(static_cast<double>(value)), low = std::abs(static_cast<double>(from_bf16(below)));
        const double high = std::isinf(from_bf16(above)) ? 0x1p128 : std::abs(static_cast<double>(from_bf16(above)));
        const bool is_tie = size - low == high - size, is_even = below % 2 == 0;
        REQUIRE(to_bf16(value) == ((is_tie ? is_even : size - low < high - size) ? below : above));
    }
}

TEST_CASE("ties, overflow, denormals and NaNs by name") {
    CHECK(round_to_bf16(1.0f + 0x1p-8f) == 1.0f);            // between 1 and 1 + 2^-7, whose last bit is odd
    CHECK(round_to_bf16(1.0f + 0x3p-8f) == 1.0f + 0x1p-6f);  // between odd 1 + 2^-7 and even 1 + 2^-6
    CHECK(round_to_bf16(1.0f + 0x1.0002p-8f) == 1.0f + 0x1p-7f);
    CHECK(round_to_bf16(-1.0f - 0x3p-8f) == -1.0f - 0x1p-6f);
    CHECK(round_to_bf16(256.0f) == 256.0f);
    CHECK(round_to_bf16(257.0f) == 256.0f);  // whole numbers are exact up to 256
    CHECK(round_to_bf16(std::nextafter(0x1.ffp127f, 0.0f)) == 0x1.fep127f);
    CHECK(round_to_bf16(0x1.ffp127f) == std::numeric_limits<float>::infinity());
    CHECK(round_to_bf16(std::numeric_limits<float>::lowest()) == -std::numeric_limits<float>::infinity());
    CHECK(round_to_bf16(std::numeric_limits<float>::infinity()) == std::numeric_limits<float>::infinity());
    CHECK(to_bf16(std::numeric_limits<float>::min()) == 0x0080);
    CHECK(to_bf16(std::nextafter(std::numeric_limits<float>::min(), 0.0f)) == 0x0000);
    CHECK(to_bf16(-std::numeric_limits<float>::denorm_min()) == 0x8000);
    CHECK(to_bf16(-0.0f) == 0x8000);
    CHECK(to_bf16(of_bits(0x7f800001)) == 0x7fc0);  // a signalling NaN whose payload is cut off
    CHECK(to_bf16(of_bits(0xffa5ffff)) == 0xffe5);
    static_assert(to_bf16(1.5f) == 0x3fc0 && from_bf16(0xc040) == -3.0f);
}

TEST_CASE("the processor's own instruction rounds to the same bits") {
#if defined(__AVX512BF16__) && defined(__AVX512VL__)
    std::vector<float> values = decisive_floats();
    for (const float value : support::real_numbers<float>(1 << 16, 1)) values.push_back(value);
    REQUIRE(values.size() % 8 == 0);
    for (std::size_t i = 0; i < values.size(); i += 8) {
        const auto rounded =
            std::bit_cast<std::array<std::uint16_t, 8>>(_mm256_cvtneps_pbh(_mm256_loadu_ps(&values[i])));
        for (std::size_t k = 0; k < 8; ++k) {
            CAPTURE(bits_of(values[i + k]));
            REQUIRE(to_bf16(values[i + k]) == rounded[k]);
        }
    }
#else
    SKIP_TEST("a processor or a build without AVX512_BF16");
#endif
}

// vdpbf16ps: what the sums of a product are made of.
TEST_CASE("the processor's product of pairs is exact before its sum, and takes denormals for zero") {
#if defined(__AVX512BF16__) && defined(__AVX512VL__)
    const auto pairs = [](float a0, float b0, float a1, float b1, float sum) {
        const auto both = [](float low, float high) {
            return std::bit_cast<__m128bh>(
                _mm_set1_epi32(static_cast<int>(std::uint32_t{to_bf16(high)} << 16 | to_bf16(low))));
        };
        return _mm_cvtss_f32(_mm_dpbf16_ps(_mm_set1_ps(sum), both(a0, a1), both(b0, b1)));
    };
    CHECK(pairs(3, 5, -7, 2, 100) == 101.0f);
    const float most = 1.0f + 0x7fp-7f;  // 8 bits of ones: its square takes 16
    CHECK(pairs(most, most, 0, 0, 0) == most * most);
    CHECK(pairs(0x1p-70f, 0x1p-70f, 0, 0, 0) == 0.0f);  // a denormal result
    CHECK(pairs(0x1p-70f, 0x1p-70f, 1, 1, 0) == 1.0f);
    CHECK(pairs(1, 1, 0, 0, std::numeric_limits<float>::denorm_min()) == 1.0f);
#else
    SKIP_TEST("a processor or a build without AVX512_BF16");
#endif
}

TEST_CASE("reference: an operand in bf16 is rounded where it is f32, and left alone in f32 and in other types") {
    using tensor::Precision;
    const std::vector<float> values{1.0f + 0x1p-7f, 257.0f, 0x1p-130f, -3.001f}, rounded{1.0f + 0x1p-7f, 256, 0, -3};
    const std::vector<double> wide(values.begin(), values.end());
    CHECK(tensor::reference::operand<float>(values, Precision::bf16) == rounded);
    CHECK(tensor::reference::operand<float>(values, Precision::f32) == values);
    CHECK(tensor::reference::operand<double>(wide, Precision::bf16) == wide);
}
