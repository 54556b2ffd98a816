// Smoothed differences, against the smoothed matrix in full.
#include "musegan/structure/novelty.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/philox.hpp"

using namespace musegan;

namespace {

BitMatrix random_bits(std::uint64_t seed, std::int64_t n, std::uint64_t percent) {
    BitMatrix bits(n, n);
    tensor::RandomStream random{seed, 0, 0};
    for (std::int64_t row = 0; row < n; ++row) {
        for (std::int64_t column = 0; column < n; ++column) {
            if (random.below(100) < percent) bits.set(row, column);
        }
    }
    return bits;
}

/// x[at] of n values, beyond whose ends lie zeros or reflections.
double value_at(const std::vector<double>& x, std::int64_t at, Beyond beyond) {
    const auto n = static_cast<std::int64_t>(x.size());
    while (beyond == Beyond::reflected && (at < 0 || at >= n)) at = at < 0 ? -1 - at : 2 * n - 1 - at;
    return at < 0 || at >= n ? 0.0 : x[static_cast<std::size_t>(at)];
}

std::vector<double> smoothed(const std::vector<double>& x, const Kernel& kernel, Beyond beyond) {
    std::vector<double> y(x.size());
    for (std::size_t t = 0; t < x.size(); ++t) {
        for (std::size_t k = 0; k < kernel.weights.size(); ++k)
            y[t] += kernel.weights[k] *
                    value_at(x, static_cast<std::int64_t>(t) - kernel.first - static_cast<std::int64_t>(k), beyond);
    }
    return y;
}

std::vector<double> novelty_in_full(const BitMatrix& lags, const Smoothing& smoothing) {
    const auto n = static_cast<std::size_t>(lags.rows());
    std::vector<std::vector<double>> rows(n, std::vector<double>(n));
    for (std::size_t l = 0; l < n; ++l) {
        for (std::size_t t = 0; t < n; ++t)
            rows[l][t] = lags.at(static_cast<std::int64_t>(l), static_cast<std::int64_t>(t));
        rows[l] = smoothed(rows[l], smoothing.time, smoothing.beyond);
    }
    std::vector<double> norms(n - 1), column(n), before;
    for (std::size_t t = 0; t < n; ++t) {
        for (std::size_t l = 0; l < n; ++l) column[l] = rows[l][t];
        const std::vector<double> now = smoothed(column, smoothing.lag, smoothing.beyond);
        for (std::size_t l = 0; l < n && t > 0; ++l) norms[t - 1] += (before[l] - now[l]) * (before[l] - now[l]);
        before = now;
    }
    return norms;
}

}  // namespace

TEST_CASE("structure: kernels") {
    const Kernel five = normalized_gaussian(0.5);
    REQUIRE(five.weights.size() == 5);
    CHECK(five.first == -2);
    CHECK(five.weights[1] / five.weights[2] == doctest::Approx(std::exp(-2.0)));
    CHECK(five.weights[0] / five.weights[2] == doctest::Approx(std::exp(-8.0)));
    CHECK(five.weights[0] + five.weights[1] + five.weights[2] + five.weights[3] + five.weights[4] ==
          doctest::Approx(1.0));
    CHECK(normalized_gaussian(13.5).weights.size() == 109);
    const Kernel even = sampled_gaussian(4, 2.0);
    CHECK(even.first == -1);
    CHECK(even.weights == std::vector<double>{std::exp(-0.5 * 0.75 * 0.75), std::exp(-0.5 * 0.25 * 0.25),
                                              std::exp(-0.5 * 0.25 * 0.25), std::exp(-0.5 * 0.75 * 0.75)});
    CHECK(sampled_gaussian(3, 0.6).weights[1] == 1.0);
    CHECK(sampled_gaussian(300, 60.0).first == -149);
}

TEST_CASE("structure: novelty by runs equals that of the matrix smoothed in full") {
    for (const Beyond beyond : {Beyond::zero, Beyond::reflected}) {
        const std::vector<Smoothing> ways{{normalized_gaussian(13.5), normalized_gaussian(0.5), beyond},
                                          {sampled_gaussian(300, 60.0), sampled_gaussian(3, 0.6), beyond},
                                          {sampled_gaussian(4, 1.0), sampled_gaussian(1, 1.0), beyond}};
        for (const Smoothing& smoothing : ways) {
            for (const std::int64_t n : {2, 3, 5, 63, 64, 65, 129}) {
                for (const std::uint64_t percent : {0, 2, 50, 98, 100}) {
                    CAPTURE(n);
                    CAPTURE(percent);
                    const BitMatrix lags = random_bits(percent + 1, n, percent);
                    const std::vector<double> ours = novelty(lags, smoothing);
                    const std::vector<double> full = novelty_in_full(lags, smoothing);
                    REQUIRE(ours.size() == full.size());
                    for (std::size_t t = 0; t < full.size(); ++t)
                        REQUIRE(std::abs(ours[t] - full[t]) <= 1e-12 * static_cast<double>(n));
                }
            }
        }
    }
}

TEST_CASE("structure: nothing changes where there is no link, and from one moment to none") {
    const Smoothing smoothing{sampled_gaussian(3, 1.0), sampled_gaussian(1, 1.0), Beyond::zero};
    CHECK(novelty(BitMatrix(9, 9), smoothing) == std::vector<double>(8));
    CHECK(novelty(BitMatrix(1, 1), smoothing).empty());
    // One bit in one row: y is the kernel, so the squared differences of its weights.
    BitMatrix bits(9, 9);
    bits.set(4, 4);
    const double side = std::exp(-0.5);
    CHECK(novelty(bits, smoothing) ==
          std::vector<double>{0, 0, side * side, (side - 1) * (side - 1), (side - 1) * (side - 1), side * side, 0, 0});
}
