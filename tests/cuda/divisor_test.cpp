// Division by multiplication against division, at every edge where a rounding could go wrong.
#include "tensor/cuda/divisor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

using tensor::cuda::DivisorOf;

namespace {

/// Numbers at the edges of multiples of `divisor`, up to `largest`.
template <typename Index>
std::vector<Index> edges(Index divisor, Index largest, std::mt19937_64& random) {
    std::vector<Index> result = {0, 1, largest, largest - 1};
    const Index most = largest / divisor;
    std::vector<Index> quotients = {1, 2, 3, most / 2, most};
    for (int i = 0; i < 20; ++i) quotients.push_back(static_cast<Index>(random() % (std::uint64_t{most} + 1)));
    for (const Index quotient : quotients) {
        if (quotient > most) continue;
        const Index multiple = quotient * divisor;
        if (multiple > 0) result.push_back(multiple - 1);
        result.push_back(multiple);
        if (multiple < largest) result.push_back(multiple + 1);
    }
    return result;
}

/// Small divisors, powers of two and their neighbours, the largest, and others of every length.
template <typename Index>
std::vector<Index> divisors(std::mt19937_64& random) {
    constexpr int bits = 8 * sizeof(Index);
    const Index largest = Index{1} << (bits - 1);
    std::vector<Index> result;
    for (Index d = 1; d <= 3000; ++d) result.push_back(d);
    for (int power = 11; power < bits; ++power) {
        const Index whole = Index{1} << power;
        result.insert(result.end(), {whole - 1, whole});
        if (whole < largest) result.push_back(whole + 1);
        for (int i = 0; i < 200; ++i) result.push_back(whole / 2 + static_cast<Index>(random() % (whole / 2)));
    }
    return result;
}

}  // namespace

TEST_CASE_TEMPLATE("a division by multiplication gives quotient and remainder", Index, std::uint32_t, std::uint64_t) {
    std::mt19937_64 random(7);
    const Index largest = (Index{1} << (8 * sizeof(Index) - 1)) - 1;
    std::int64_t checked = 0, wrong = 0;
    for (const Index divisor : divisors<Index>(random)) {
        const auto by = DivisorOf<Index>::of(divisor);
        for (const Index n : edges(divisor, largest, random)) {
            Index rest = n;
            const Index quotient = by.split(rest);
            ++checked;
            if (quotient == n / divisor && rest == n % divisor && by.quotient(n) == quotient) continue;
            if (wrong++ == 0) FAIL_CHECK("n = " << n << ", divisor = " << divisor << ", quotient " << quotient);
        }
    }
    CHECK(wrong == 0);
    CHECK(checked > 200000);
}

TEST_CASE("a division by multiplication is right for every number below 2^17 and divisor below 300") {
    std::int64_t wrong = 0;
    for (std::uint32_t divisor = 1; divisor < 300; ++divisor) {
        const auto by = DivisorOf<std::uint32_t>::of(divisor);
        const auto wide = DivisorOf<std::uint64_t>::of(divisor);
        for (std::uint32_t n = 0; n < 1u << 17; ++n) wrong += by.quotient(n) != n / divisor;
        for (std::uint64_t n = 0; n < 1u << 17; n += 7) wrong += wide.quotient(n) != n / divisor;
    }
    CHECK(wrong == 0);
}
