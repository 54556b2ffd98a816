// exp and what is made of it, of a float, as arithmetic that compilers turn into vector instructions; the library's
// functions are a call per number. Computed in f64, so that the f32 result is the nearest or next to it.
#pragma once

#include <bit>
#include <cstdint>
#include <initializer_list>

namespace tensor {

/// exp(x) - 1 for |x| <= 40, to a relative error of 1e-9, also near 0; nan for nan. With x = n ln 2 + r, |r| <= ln 2 /
/// 2: 2^n (exp(r) - 1) + (2^n - 1), exp(r) - 1 by its series to r^9 (the next term is below 1e-11).
inline double exponential_minus_one(double x) {
    constexpr double to_integer = 0x1.8p52;  // added to a small number, it leaves the nearest integer in the last bits
    const double shifted = x * 0x1.71547652b82fep0 + to_integer, n = shifted - to_integer;
    const double r = x - n * 0x1.62e42fefa39efp-1;
    const double power = std::bit_cast<double>((std::bit_cast<std::uint64_t>(shifted) + 1023) << 52);
    double series = 1.0 / 362880;
    for (const double factor : {1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0})
        series = series * r + factor;
    return power * (series * r) + (power - 1.0);
}

/// The nearest of [-limit, limit]; nan stays nan.
inline double clamp_to(double x, double limit) {
    const double from_above = x > limit ? limit : x;
    return from_above < -limit ? -limit : from_above;
}

/// tanh(x) = e / (e + 2) with e = exp(2 x) - 1. Beyond 10 it is 1 in f32.
inline float hyperbolic_tangent(float x) {
    const double e = exponential_minus_one(clamp_to(2.0 * static_cast<double>(x), 20.0));
    return static_cast<float>(e / (e + 2.0));
}

}  // namespace tensor
