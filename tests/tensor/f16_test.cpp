// Exact: all 65,536 halfs by their definition, every tie between two of them and its neighbours.
#include "tensor/f16.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <initializer_list>
#include <limits>

using tensor::from_f16;
using tensor::to_f16;

namespace {

float of_bits(std::uint32_t bits) { return std::bit_cast<float>(bits); }
std::uint32_t bits_of(float value) { return std::bit_cast<std::uint32_t>(value); }

constexpr float infinity = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("every half is the float that IEEE 754 says, and becomes itself again") {
    for (std::uint32_t k = 0; k < 1u << 16; ++k) {
        const auto bits = static_cast<std::uint16_t>(k);
        const int exponent = static_cast<int>(k >> 10 & 0x1f), fraction = static_cast<int>(k & 0x3ff);
        const double sign = k & 0x8000 ? -1 : 1;
        const float value = from_f16(bits);
        REQUIRE(std::signbit(value) == (sign < 0));
        if (exponent == 31 && fraction != 0) {
            REQUIRE(std::isnan(value));
            REQUIRE(to_f16(value) == (bits | 0x0200));
            continue;
        }
        if (exponent == 31) REQUIRE(value == sign * infinity);
        else if (exponent == 0) REQUIRE(value == sign * std::ldexp(fraction, -24));
        else REQUIRE(value == sign * std::ldexp(1024 + fraction, exponent - 25));
        REQUIRE(to_f16(value) == bits);
    }
}

TEST_CASE("between two halfs a float becomes the nearer one, and in the middle the even one") {
    for (std::uint32_t k = 0; k < 0x7c00; ++k)
        for (const float sign : {1.0f, -1.0f}) {
            const auto below = static_cast<std::uint16_t>(k | (sign < 0 ? 0x8000 : 0));
            const auto above = static_cast<std::uint16_t>(below + 1);
            // Infinity stands where the next half would: 65536. Floats hold the middle of two halfs exactly.
            const float next = k == 0x7bff ? sign * 65536.0f : from_f16(above);
            const float middle = from_f16(below) + (next - from_f16(below)) / 2;
            REQUIRE(to_f16(middle) == (k % 2 == 0 ? below : above));
            REQUIRE(to_f16(std::nextafter(middle, 0.0f)) == below);
            REQUIRE(to_f16(std::nextafter(middle, sign * infinity)) == above);
            REQUIRE(to_f16(std::nextafter(from_f16(below), sign * infinity)) == below);
            REQUIRE(to_f16(std::nextafter(next, 0.0f)) == above);
        }
}

TEST_CASE("halfs by name") {
    CHECK(to_f16(1.0f) == 0x3c00);
    CHECK(to_f16(-2.0f) == 0xc000);
    CHECK(to_f16(tensor::largest_f16) == 0x7bff);
    CHECK(to_f16(65519.99f) == 0x7bff);
    CHECK(to_f16(65520.0f) == 0x7c00);
    CHECK(to_f16(std::numeric_limits<float>::max()) == 0x7c00);
    CHECK(to_f16(-infinity) == 0xfc00);
    CHECK(to_f16(0x1p-24f) == 0x0001);
    CHECK(to_f16(0x1p-25f) == 0x0000);
    CHECK(to_f16(std::nextafter(0x1p-25f, 1.0f)) == 0x0001);
    CHECK(to_f16(-std::numeric_limits<float>::denorm_min()) == 0x8000);
    CHECK(to_f16(of_bits(0x7f800001)) == 0x7e00);  // a signalling NaN whose payload is cut off
    CHECK(to_f16(of_bits(0xffa06000)) == 0xff03);
    CHECK(bits_of(from_f16(0x8000)) == 0x80000000);
    static_assert(from_f16(to_f16(0.1f)) == 0x1.998p-4f);
}
