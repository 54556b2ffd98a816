#include "tensor/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/threads.hpp"

using support::same_bits;
using support::with_threads;
using tensor::DType;
using tensor::RandomStream;
using tensor::Shape;
using tensor::Tensor;

namespace {

struct Moments {
    double mean = 0, variance = 0, third = 0, fourth = 0;  // the last three about the mean
};

Moments moments_of(const std::vector<double>& values) {
    Moments m;
    const auto n = static_cast<double>(values.size());
    for (const double v : values) m.mean += v / n;
    for (const double v : values) {
        m.variance += std::pow(v - m.mean, 2) / n;
        m.third += std::pow(v - m.mean, 3) / n;
        m.fourth += std::pow(v - m.mean, 4) / n;
    }
    return m;
}

/// Five standard errors of a mean of n numbers with this variance. The seed is fixed, so a test that passes once always
/// passes.
double five_errors(double variance, double n) { return 5.0 * std::sqrt(variance / n); }

constexpr std::int64_t draws = 400000;
constexpr double n = draws;

using Draw = Tensor (*)(RandomStream&, const Shape&, DType);

Tensor uniform(RandomStream& stream, const Shape& shape, DType dtype) {
    return tensor::random_uniform(stream, shape, dtype);
}
Tensor normal(RandomStream& stream, const Shape& shape, DType dtype) {
    return tensor::random_normal(stream, shape, 0.1, dtype);
}
Tensor truncated(RandomStream& stream, const Shape& shape, DType dtype) {
    return tensor::random_truncated_normal(stream, shape, 0.02, dtype);
}
constexpr Draw every_draw[] = {uniform, normal, truncated};

}  // namespace

TEST_CASE("uniform numbers lie from 0 to below 1 and have the moments of the uniform distribution") {
    RandomStream stream{.seed = 1};
    const std::vector<double> values = tensor::random_uniform(stream, {draws}, DType::f64).values<double>();
    CHECK(*std::min_element(values.begin(), values.end()) >= 0.0);
    CHECK(*std::max_element(values.begin(), values.end()) < 1.0);
    const Moments m = moments_of(values);
    CHECK(std::abs(m.mean - 0.5) < five_errors(1.0 / 12, n));
    CHECK(std::abs(m.variance - 1.0 / 12) < five_errors(1.0 / 180, n));  // var of (u - 1/2)^2 = 1/80 - 1/144
}

TEST_CASE("normal numbers have mean 0, the deviation asked for, no skew and the normal's tails") {
    RandomStream stream{.seed = 2};
    constexpr double deviation = 0.1;
    const Moments m = moments_of(tensor::random_normal(stream, {draws}, deviation, DType::f64).values<double>());
    CHECK(std::abs(m.mean) < deviation * five_errors(1, n));
    CHECK(std::abs(m.variance / std::pow(deviation, 2) - 1) < five_errors(2, n));
    CHECK(std::abs(m.third / std::pow(deviation, 3)) < five_errors(15, n));
    CHECK(std::abs(m.fourth / std::pow(deviation, 4) - 3) < five_errors(96, n));
}

TEST_CASE("a truncated normal stays within two deviations and has the variance that the cut leaves") {
    RandomStream stream{.seed = 3};
    constexpr double deviation = 0.02;
    const std::vector<double> values =
        tensor::random_truncated_normal(stream, {draws}, deviation, DType::f64).values<double>();
    double largest = 0;
    for (const double v : values) largest = std::max(largest, std::abs(v));
    CHECK(largest <= 2 * deviation);
    CHECK(largest > 1.99 * deviation);  // the cut is at two deviations, not before
    const Moments m = moments_of(values);
    constexpr double left = 0.7737413035;  // 1 - 4 phi(2) / (2 Phi(2) - 1)
    CHECK(std::abs(m.mean) < deviation * five_errors(left, n));
    // E z^4 of the cut normal is 3 left - 2 * 8 phi(2) / (2 Phi(2) - 1) = 1.4161873.
    CHECK(std::abs(m.variance / std::pow(deviation, 2) - left) < five_errors(1.4161873 - left * left, n));
}

TEST_CASE("the same stream gives the same numbers, in f32 those of f64 rounded") {
    for (const Draw draw : every_draw) {
        RandomStream a{.seed = 9, .stream = 4}, b = a, c = a;
        const std::vector<double> first = draw(a, {37, 11}, DType::f64).values<double>();
        CHECK(draw(b, {37, 11}, DType::f64).values<double>() == first);
        CHECK(a == b);
        const std::vector<float> narrow = draw(c, {37, 11}, DType::f32).values<float>();
        for (std::size_t i = 0; i < first.size(); ++i) REQUIRE(narrow[i] == static_cast<float>(first[i]));
        CHECK(c == a);
    }
}

TEST_CASE("another seed, stream or position gives other numbers") {
    for (const Draw draw : every_draw) {
        RandomStream a{.seed = 9, .stream = 4}, seed{.seed = 10, .stream = 4}, number{.seed = 9, .stream = 5};
        const std::vector<double> first = draw(a, {64}, DType::f64).values<double>();
        for (RandomStream* other : {&seed, &number, &a}) {
            const std::vector<double> values = draw(*other, {64}, DType::f64).values<double>();
            for (const double v : values) REQUIRE(std::find(first.begin(), first.end(), v) == first.end());
        }
    }
}

TEST_CASE("element i of a uniform or normal draw comes from block position + i / 4") {
    constexpr std::uint64_t position = 1000;
    RandomStream u{.seed = 6, .stream = 2, .position = position}, g = u;
    const std::vector<double> uniforms = tensor::random_uniform(u, {10}, DType::f64).values<double>();
    const std::vector<double> normals = tensor::random_normal(g, {10}, 1.0, DType::f64).values<double>();
    for (std::size_t i = 0; i < 10; ++i) {
        const tensor::PhiloxBlock block = tensor::philox(6, position + i / 4, 2);
        CHECK(uniforms[i] == static_cast<double>(tensor::philox_uniform(block[i % 4])));
        const tensor::NormalPair pair = tensor::philox_normals(block[i % 4 / 2 * 2], block[i % 4 / 2 * 2 + 1]);
        CHECK(normals[i] == (i % 2 == 0 ? pair.first : pair.second));
    }
    CHECK(u.position == position + 3);
    CHECK(g.position == position + 3);
}

TEST_CASE("a stream moves past what it used: two draws in turn are one long draw") {
    for (const Draw draw : every_draw) {
        RandomStream whole{.seed = 12}, halves{.seed = 12};
        const std::vector<double> all = draw(whole, {48}, DType::f64).values<double>();
        std::vector<double> joined = draw(halves, {16}, DType::f64).values<double>();
        for (const double v : draw(halves, {8, 4}, DType::f64).values<double>()) joined.push_back(v);
        CHECK(joined == all);
        CHECK(halves == whole);
        CHECK(whole.position > 0);
        CHECK(whole.seed == 12);
        CHECK(whole.stream == 0);
    }
}

TEST_CASE("an empty draw uses nothing") {
    for (const Draw draw : every_draw) {
        RandomStream stream{.seed = 1, .position = 5};
        CHECK(draw(stream, {0}, DType::f32).elements() == 0);
        CHECK(stream.position == 5);
    }
}

TEST_CASE("random: the number of threads changes no bit") {
    for (const Draw draw : every_draw) {
        const auto run = [&] {
            RandomStream stream{.seed = 8};
            return draw(stream, {100003}, DType::f32).values<float>();
        };
        const std::vector<float> one = with_threads(1, run);
        CHECK(same_bits(one, with_threads(2, run)));
        CHECK(same_bits(one, with_threads(3, run)));
    }
}

TEST_CASE("random numbers are f32 or f64, and nothing else") {
    for (const Draw draw : every_draw) {
        RandomStream stream{.seed = 1};
        CHECK_THROWS_AS(draw(stream, {4}, DType::u8), tensor::Error);
    }
}
