// The tools of the other tests: a comparison that passes what is wrong would hide everything.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <set>

#include "tensor/error.hpp"
#include "tensor/reference/complex_step.hpp"
#include "tensor/reference/index.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"
#include "tests/support/threads.hpp"

namespace reference = tensor::reference;
using support::contains_all;
using support::difference;

TEST_CASE("difference is empty for equal values, and else has the count, the worst index and both values") {
    CHECK(difference(std::vector<float>{1, -0.0f, 3}, std::vector<double>{1, 0, 3}) == "");
    CHECK(difference(std::vector<float>{}, std::vector<float>{}) == "");
    const std::string text = difference(std::vector<float>{1, 2, 3, 4}, std::vector<float>{1, 2.5f, 7, 4});
    CHECK(contains_all(text, {"2 of 4", "at 2", "got 3", "expected 7"}));
    CHECK(difference(std::vector<float>{1}, std::vector<float>{1, 2}) != "");
}

TEST_CASE("a NaN never passes, on either side or both, under any tolerance") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
    CHECK(difference(std::vector<double>{nan}, std::vector<double>{1}) != "");
    CHECK(difference(std::vector<double>{1}, std::vector<double>{nan}) != "");
    CHECK(difference(std::vector<double>{nan}, std::vector<double>{nan}, infinity) != "");
    CHECK(difference(std::vector<double>{1}, std::vector<double>{2}, nan) != "");
    CHECK(contains_all(difference(std::vector<double>{9, nan}, std::vector<double>{0, 1}), {"2 of 2", "at 1", "nan"}));
    CHECK(difference(std::vector<double>{infinity}, std::vector<double>{infinity}) == "");
    CHECK(difference(std::vector<double>{infinity}, std::vector<double>{-infinity}) != "");
    CHECK(difference(std::vector<double>{infinity}, std::vector<double>{1}, 1e300) != "");
}

TEST_CASE("a tolerance holds element by element, and the worst is the largest excess over its own") {
    const std::vector<double> expected{100, 1}, tolerance{10, 0.125};
    CHECK(difference(std::vector<double>{110, 1.125}, expected, tolerance) == "");
    CHECK(contains_all(difference(std::vector<double>{110.5, 2}, expected, tolerance), {"2 of 2", "at 1"}));
    CHECK(support::dot_tolerance<float>(8, {2.0}) == std::vector<double>{8 * 0x1p-23 * 2});
    CHECK(support::dot_tolerance<double>(8, {2.0}) == std::vector<double>{8 * 0x1p-52 * 2});
}

TEST_CASE("same_bits tells zeros apart that compare equal") {
    CHECK(support::same_bits(std::vector<float>{1, 0}, std::vector<float>{1, 0}));
    CHECK_FALSE(support::same_bits(std::vector<float>{0.0f}, std::vector<float>{-0.0f}));
    CHECK_FALSE(support::same_bits(std::vector<float>{1}, std::vector<float>{1, 2}));
}

TEST_CASE("test data: whole numbers from -4 to 4, real ones from -1 to below 1, the same for the same seed") {
    const std::vector<float> whole = support::whole_numbers<float>(1000, 1);
    CHECK(std::set<float>(whole.begin(), whole.end()) == std::set<float>{-4, -3, -2, -1, 0, 1, 2, 3, 4});
    CHECK(whole == support::whole_numbers<float>(1000, 1));
    CHECK(whole != support::whole_numbers<float>(1000, 2));
    const std::vector<double> real = support::real_numbers<double>(1000, 1);
    const std::vector<float> narrow = support::real_numbers<float>(1000, 1);
    for (std::size_t i = 0; i < real.size(); ++i) {
        REQUIRE(real[i] >= -1.0);
        REQUIRE(real[i] < 1.0);
        REQUIRE(static_cast<double>(narrow[i]) == real[i]);
    }
}

TEST_CASE("a thread count lasts as long as its scope") {
    const int before = tensor::thread_count();
    CHECK(support::with_threads(before + 1, tensor::thread_count) == before + 1);
    CHECK(tensor::thread_count() == before);
}

TEST_CASE("message_of tells an exception from none") {
    CHECK(support::message_of([] {}) == "nothing was thrown");
    CHECK(support::message_of([] { tensor::fail("here", "{} of {}", 1, 2); }) == "[here] 1 of 2");
    CHECK_FALSE(contains_all("abc", {"a", "d"}));
}

TEST_CASE("ravel undoes unravel, and reads an axis of extent 1 at 0") {
    const tensor::Shape shape{2, 3, 4};
    CHECK(reference::unravel(23, shape) == reference::Index{1, 2, 3});
    for (std::int64_t i = 0; i < 24; ++i) CHECK(reference::ravel(reference::unravel(i, shape), shape) == i);
    CHECK(reference::ravel(reference::Index{1, 2, 3}, {3, 1}) == 2);
    CHECK(reference::ravel(reference::Index{1, 2, 3}, {}) == 0);
}

// The function that Squire and Trapp's article differentiates; a difference quotient reaches eight digits of it at
// best.
TEST_CASE("the complex step gives a derivative to the last digits") {
    using std::cos, std::exp, std::pow, std::sin, std::sqrt;
    const auto f = [](auto x) { return exp(x) / sqrt(sin(x) * sin(x) * sin(x) + cos(x) * cos(x) * cos(x)); };
    const double x = 1.5, s = sin(x), c = cos(x), root = s * s * s + c * c * c;
    const double expected = exp(x) * (2 * root - 3 * s * s * c + 3 * c * c * s) / (2 * pow(root, 1.5));
    using Z = std::vector<reference::Complex>;
    const std::vector<double> point{x}, direction{1};
    const auto along = reference::complex_step([&](const Z& z) { return Z{f(z[0])}; }, point, direction);
    CHECK(std::abs(along[0] - expected) <= 4e-15 * std::abs(expected));
    CHECK(reference::complex_gradient([&](const Z& z) { return f(z[0]); }, point) == along);
    CHECK_THROWS_AS(reference::with_direction(point, std::vector<double>{1, 2}), tensor::Error);
}

TEST_CASE("a complex gradient has one partial derivative per input") {
    using Z = std::vector<reference::Complex>;
    const std::vector<double> x{2, 3, 5};
    CHECK(reference::complex_gradient([](const Z& z) { return z[0] * z[1] + z[2] * z[2]; }, x) ==
          std::vector<double>{3, 2, 10});
}
