// tanh of a float against the library's in f64: the nearest float, or the next to it.
#include "tensor/exponential.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>
#include <limits>

using tensor::exponential_minus_one;
using tensor::hyperbolic_tangent;

TEST_CASE("tanh of a float is within half of its last place and a thousandth, at every size, odd, and at most 1") {
    double worst = 0;
    for (int exponent = -126; exponent <= 20; ++exponent)
        for (int k = 0; k < 1000; ++k) {
            const float x = std::ldexp(1.0f + static_cast<float>(k) / 1000.0f, exponent), y = hyperbolic_tangent(x);
            const double exact = std::tanh(static_cast<double>(x));
            const double place = static_cast<double>(std::nextafter(y, 2.0f)) - static_cast<double>(y);
            worst = std::max(worst, std::abs(static_cast<double>(y) - exact) / place);
            if (hyperbolic_tangent(-x) != -y || y > 1.0f) FAIL("tanh of ", -x, " beside ", x);
        }
    CHECK(worst <= 0.501);
}

TEST_CASE("tanh of zero, of the infinities and of nan") {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    CHECK(hyperbolic_tangent(0.0f) == 0.0f);
    CHECK(hyperbolic_tangent(infinity) == 1.0f);
    CHECK(hyperbolic_tangent(-infinity) == -1.0f);
    CHECK(std::isnan(hyperbolic_tangent(std::numeric_limits<float>::quiet_NaN())));
}

TEST_CASE("exp(x) - 1 keeps nine digits from 1e-12 to 40, on both sides of zero") {
    for (double x = 1e-12; x <= 40.0; x *= 1.01)
        for (const double argument : {x, -x}) {
            const double exact = std::expm1(argument);
            if (!(std::abs(exponential_minus_one(argument) - exact) <= 1e-9 * std::abs(exact)))
                FAIL("exp - 1 of ", argument, ": ", exponential_minus_one(argument), ", expected ", exact);
        }
}
