#include "tensor/philox.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>

using tensor::philox;
using tensor::PhiloxBlock;
using tensor::RandomStream;

// Salmon, Moraes, Dror, Shaw: the known-answer vectors published with "Parallel random numbers: as easy as 1, 2, 3".
TEST_CASE("philox4x32-10 gives the published known answers") {
    CHECK(philox(0, 0, 0) == PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    constexpr std::uint64_t ones = ~std::uint64_t{0};
    CHECK(philox(ones, ones, ones) == PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(philox(0x299f31d0a4093822, 0x85a308d3243f6a88, 0x0370734413198a2e) ==
          PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("every bit of key and counter matters") {
    const PhiloxBlock base = philox(1, 2, 3);
    for (int bit = 0; bit < 64; ++bit) {
        const std::uint64_t flip = std::uint64_t{1} << bit;
        CAPTURE(bit);
        CHECK(philox(1 ^ flip, 2, 3) != base);
        CHECK(philox(1, 2 ^ flip, 3) != base);
        CHECK(philox(1, 2, 3 ^ flip) != base);
    }
}

TEST_CASE("uniform numbers lie from 0 to below 1 and are exact in f32") {
    CHECK(tensor::philox_uniform(0) == 0.0f);
    CHECK(tensor::philox_uniform(0xffffffffu) == 1.0f - 0x1p-24f);
    CHECK(tensor::philox_uniform(0xffffffffu) < 1.0f);
    CHECK(tensor::philox_uniform(0x80000000u) == 0.5f);
}

TEST_CASE("normal pairs are finite at the ends and lie on the circle that Box and Muller ask for") {
    for (const std::uint32_t a : {0u, 1u, 0x7fffffffu, 0xfffffffeu, 0xffffffffu})
        for (const std::uint32_t b : {0u, 0x40000000u, 0x80000000u, 0xffffffffu}) {
            const tensor::NormalPair pair = tensor::philox_normals(a, b);
            REQUIRE(std::isfinite(pair.first));
            REQUIRE(std::isfinite(pair.second));
            const double uniform = (static_cast<double>(a) + 1.0) / 4294967296.0;
            const double squared = pair.first * pair.first + pair.second * pair.second;
            CHECK(std::abs(squared + 2.0 * std::log(uniform)) <= 1e-14 * (1.0 + squared));
        }
    CHECK(tensor::philox_normals(0xffffffffu, 0).first == 0.0);  // uniform 1: the centre
}

TEST_CASE("a stream is a value: its position counts blocks and a copy goes on alike") {
    RandomStream stream{.seed = 7, .stream = 3};
    CHECK(stream.next() == philox(7, 0, 3));
    CHECK(stream.next() == philox(7, 1, 3));
    CHECK(stream.position == 2);
    RandomStream copy = stream;
    CHECK(copy == stream);
    CHECK(copy.next() == stream.next());
    copy.next();
    CHECK_FALSE(copy == stream);
}

TEST_CASE("below draws every number under the bound equally often") {
    RandomStream stream{.seed = 11, .stream = 1};
    constexpr int bound = 7, draws = 70000;
    std::array<int, bound> count{};
    for (int i = 0; i < draws; ++i) {
        const std::uint64_t value = stream.below(bound);
        REQUIRE(value < bound);
        ++count[static_cast<std::size_t>(value)];
    }
    double chi_squared = 0;
    for (const int n : count) chi_squared += std::pow(n - draws / bound, 2) / (draws / bound);
    CHECK(chi_squared < 22.46);  // 6 degrees of freedom, probability 0.001; the seed is fixed
    CHECK(stream.position >= draws);
}

TEST_CASE("below keeps under bounds at the ends of the range") {
    RandomStream stream{.seed = 5, .stream = 0};
    constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 64; ++i) {
        CHECK(stream.below(1) == 0);
        CHECK(stream.below((std::uint64_t{1} << 63) + 1) <= std::uint64_t{1} << 63);
        CHECK(stream.below(largest) < largest);
        seen.insert(stream.below(2));
    }
    CHECK(seen == std::set<std::uint64_t>{0, 1});
}
